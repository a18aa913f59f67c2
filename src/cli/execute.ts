/**
 * A pipeline run from end to end: tables and plots go to stdout, progress to stderr, every event to `events.jsonl` in
 * the output folder; with `--json` stdout gets one line, the summary.
 */
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { from, type Observable } from 'rxjs';
import { makeFolder } from '../core/files/make-folder.js';
import type { Batch } from '../core/index.js';
import type { Pipeline, PipelineContext, PipelineEvent } from '../pipeline/define-pipeline.js';
import type { BackendRequest } from '../train/backends/backend.js';
import { BadList } from './bad-list.js';
import { batchesOf } from './batches-of.js';
import { consoleReporter } from './console-reporter.js';
import { continueCommand } from './continue-command.js';
import { makeRoom } from './earlier-run.js';
import { EventLog } from './event-log.js';
import { inPipeline, located } from './load-pipeline.js';
import { backendOption, type PipelineFlags } from './options.js';
import { print, printJson, say } from './out.js';
import { streamOnly } from './stream-only.js';
import { Summary, sentenceFor } from './summary.js';

export interface RunFlags extends PipelineFlags {
  readonly backend: BackendRequest;
  readonly out?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Adds the options that every command that trains has. */
export function withRunning(command: Command): Command {
  return command
    .addOption(backendOption())
    .option('--out <dir>', 'folder for checkpoints, events and pictures (default: runs/NAME)')
    .option('--resume', 'continue from the checkpoint in the output folder')
    .addOption(new Option('--overwrite', 'replace the run in the output folder').conflicts('resume'))
    .option('--json', 'print one line of JSON at the end, and nothing else');
}

/** What a command does with events in addition to what all commands do. */
export interface Also {
  /** Text for stderr about an event, if any. */
  say?(event: PipelineEvent): string | undefined;
  /** For the line of `--json`. */
  values?(): Readonly<Record<string, unknown>>;
  /** For stdout, at the end. */
  text?(): string;
}

export async function execute(
  path: string,
  pipeline: Pipeline,
  context: PipelineContext,
  flags: Pick<RunFlags, 'json' | 'overwrite'>,
  also: Also = {},
): Promise<void> {
  const bad = new BadList((sample) => log.write({ kind: 'bad', ...sample }));
  const batches = (await batchesOf(path, pipeline, context)).pipe(bad.watch());
  makeFolder(context.out);
  if (!context.resume) makeRoom(context.out, flags);
  using log = new EventLog(join(context.out, 'events.jsonl'), context.resume);
  const summary = new Summary();
  const reporter = consoleReporter(flags.json ?? false);
  const { settings, seed } = context;
  log.write({ kind: 'run', pipeline: pipeline.name, settings, seed });
  try {
    const events = await inPipeline(path, () => eventsOf(pipeline, batches, context));
    await events.forEach((event) => {
      summary.add(event);
      if (event.kind === 'evaluation') for (const sample of event.bad ?? []) bad.add(sample);
      if (event.kind !== 'pictures') log.write(event);
      reporter.next(event);
      const text = also.say?.(event);
      if (text === undefined) return;
      reporter.complete();
      say(text);
    });
  } catch (error) {
    throw located(error, resolve(path));
  } finally {
    reporter.complete();
    bad.print();
  }
  const badBoxes = bad.boxes.count > 0 ? { badBoxes: bad.boxes } : {};
  if (context.signal.aborted)
    say(summary.saved ? `continue with: ${continueCommand(process.argv.slice(2))}` : NOTHING_SAVED);
  if (flags.json) {
    printJson({
      pipeline: pipeline.name,
      seed,
      settings,
      ...summary.toJSON(),
      ...also.values?.(),
      badSamples: bad.summary,
      ...badBoxes,
    });
    return;
  }
  const text = also.text?.();
  if (text) print(text);
  for (const [run, training] of summary.trainings) {
    if (training.stopped === 'aborted') continue; // its figures are those of a part
    print(`${run ? `${run}: ` : ''}${sentenceFor(training)}`);
  }
}

const NOTHING_SAVED = 'nothing was saved: this pipeline writes no checkpoint';

function eventsOf(
  pipeline: Pipeline,
  batches: Observable<Batch>,
  context: PipelineContext,
): Observable<PipelineEvent> {
  return from(pipeline.run ? pipeline.run(batches, context) : streamOnly(batches, context));
}
