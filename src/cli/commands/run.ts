/**
 * `rxaug run`: runs a pipeline. Tables and plots go to stdout, progress to stderr, every event to
 * `events.jsonl` in the output folder; with `--json` stdout gets one line, the summary.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { from, type Observable } from 'rxjs';
import { type Batch, UsageError } from '../../core/index.js';
import { BACKEND_REQUESTS, type BackendRequest } from '../../train/backends/backend.js';
import { BadList } from '../bad-list.js';
import { batchesOf } from '../batches-of.js';
import type { Pipeline, PipelineContext, PipelineEvent } from '../define-pipeline.js';
import { EventLog } from '../event-log.js';
import { interruptible } from '../interrupt.js';
import { inPipeline, loadPipeline, located } from '../load-pipeline.js';
import { contextOf, type PipelineFlags, withPipeline } from '../options.js';
import { streamOnly } from '../stream-only.js';
import { Summary, sentenceFor } from '../summary.js';
import { teller } from '../teller.js';

interface Flags extends PipelineFlags {
  readonly backend: BackendRequest;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function runCommand(): Command {
  return withPipeline(
    new Command('run').description('run a pipeline: train, or stream where it does not train'),
  )
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKEND_REQUESTS).default('auto'))
    .option('--out <dir>', 'folder for checkpoints, events and pictures (default: runs/NAME)')
    .option('--resume', 'go on from the checkpoint in the output folder')
    .option('--json', 'print one line of JSON at the end, and nothing else')
    .action(async (path: string, flags: Flags) => {
      const pipeline = await loadPipeline(path);
      if (flags.resume && !pipeline.run)
        throw new UsageError(`--resume: ${path} does not train; leave it out`);
      await interruptible((signal) => execute(path, pipeline, contextOf(pipeline, flags, signal), flags), {
        stopping: 'stopping after this step; once more to stop at once',
      });
    });
}

async function execute(
  path: string,
  pipeline: Pipeline,
  context: PipelineContext,
  flags: Flags,
): Promise<void> {
  const bad = new BadList((sample) => log.write({ kind: 'bad', ...sample }));
  const batches = (await batchesOf(path, pipeline, context)).pipe(bad.watch());
  mkdirSync(context.out, { recursive: true });
  using log = new EventLog(join(context.out, 'events.jsonl'), context.resume);
  const summary = new Summary();
  const tell = teller(flags.json ?? false);
  const { settings, seed } = context;
  log.write({ kind: 'run', pipeline: pipeline.name, settings, seed });
  try {
    const events = await inPipeline(path, () => eventsOf(pipeline, batches, context));
    await events.forEach((event) => {
      summary.add(event);
      if (event.kind === 'evaluation') for (const sample of event.bad ?? []) bad.add(sample);
      log.write(event);
      tell.next(event);
    });
  } catch (error) {
    throw located(error, resolve(path));
  } finally {
    tell.complete();
    process.stderr.write(`${bad}`);
  }
  const badSamples = { count: bad.count, samples: bad.samples };
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ pipeline: pipeline.name, seed, settings, ...summary.toJSON(), badSamples })}\n`,
    );
    return;
  }
  for (const [run, training] of summary.trainings) {
    process.stdout.write(`${run ? `${run}: ` : ''}${sentenceFor(training)}\n`);
  }
}

function eventsOf(
  pipeline: Pipeline,
  batches: Observable<Batch>,
  context: PipelineContext,
): Observable<PipelineEvent> {
  return from(pipeline.run ? pipeline.run(batches, context) : streamOnly(batches, context));
}
