/** `rxaug search`: searches for an augmentation policy and compares it with its controls. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { addressOf, redacted } from '../../cluster/address.js';
import { connect, type Server } from '../../cluster/server.js';
import { times } from '../../cluster/times.js';
import { queuedPool } from '../../cluster/trials.js';
import { makeFolder } from '../../core/files/make-folder.js';
import { duration } from '../../report/format.js';
import { RewrittenLine } from '../../report/rewritten-line.js';
import { operatorOf, policyText } from '../../search/policy/operator.js';
import { picturing, textReport, writeReport } from '../../search/report/index.js';
import type { SearchResult } from '../../search/result.js';
import { search } from '../../search/search.js';
import type { SearchDefinition } from '../../search/strategies/strategy.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import { secondsOf } from '../budget.js';
import { continueCommand } from '../continue-command.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { backendOption, collect, contextOf, numberOption } from '../options.js';
import { print, printJson, say } from '../out.js';
import type { ChildInit } from '../search/child.js';
import { definitionOf, strategyOf } from '../search/definition.js';

interface SearchFlags {
  readonly strategy: string;
  readonly budget: number;
  readonly set: string[];
  readonly seed: number;
  readonly workers: number;
  readonly backend: BackendRequest;
  readonly out?: string;
  readonly queue?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

const STRATEGY =
  'critic, critic-published, network, strength, density, random, randaugment, tpe, or one that the pipeline brings';

export function searchCommand(): Command {
  return new Command('search')
    .description('search for an augmentation policy, and compare it with controls at equal budget')
    .argument('<pipeline>', 'path of a pipeline script with a search, .ts or .js')
    .option('--strategy <name>', STRATEGY, 'critic')
    .addOption(
      new Option('--budget <time>', 'what search, controls and report may take: 90s, 10m, 1h30m')
        .argParser(secondsOf)
        .default(600, '10m'),
    )
    .option('--set <key=value>', "change one of the pipeline's settings; repeatable", collect, [])
    .addOption(numberOption('--seed', 'n', 'key of all randomness').default(0))
    .addOption(
      numberOption('--workers', 'n', 'processes here, each on one core', 1).default(
        availableParallelism(),
        'one a core',
      ),
    )
    .addOption(backendOption())
    .option('--out <dir>', 'folder for plan, journal, policy and report (default: runs/NAME-search)')
    .option(
      '--queue <url>',
      'have the trainings done by rxaug worker over redis://host:port, or rediss:// for TLS',
    )
    .option('--resume', 'continue the search in the output folder')
    .option('--json', 'print one line of JSON at the end, and nothing else')
    .action(async (path: string, flags: SearchFlags) => {
      await interruptible((signal) => run(path, flags, signal), {
        stopping: 'stopping after this step; once more to stop at once',
      });
    });
}

async function run(path: string, flags: SearchFlags, signal: AbortSignal): Promise<void> {
  const { strategy, budget, set, seed, workers, backend, resume, json, queue } = flags;
  const asked = queue === undefined ? undefined : { address: addressOf(queue), times: times() };
  const pipeline = await loadPipeline(path);
  const out = resolve(flags.out ?? `runs/${pipeline.name}-search`);
  const context = contextOf(pipeline, { set, seed, backend, out, resume }, signal);
  const definition = await definitionOf(path, pipeline, context);
  const make = strategyOf(strategy, definition);
  makeFolder(out);
  const about = { pipeline: pipeline.file, set, seed, strategy, backend };
  const init: ChildInit = { ...about, out };
  const line = new RewrittenLine(process.stderr, 'search: ');
  const notice = (text: string) => line.stay(text);
  let server: Server | undefined;
  let shownAt = 0;
  try {
    // Before images are read.
    if (asked) server = await connect(asked.address, notice);
    const attending = asked && server && { server, times: asked.times, signal, notice };
    const result = await search(definition, {
      strategy: { name: strategy, make },
      ...{ budget, out, resume, seed, backend, signal },
      pipeline: pipeline.name,
      settings: context.settings,
      children: { module: new URL('../search/child.js', import.meta.url), init, workers },
      ...(attending && {
        elsewhere: ({ identity, here, planned, fence }) =>
          queuedPool({
            ...{ ...attending, out, here, planned, fence },
            about: { ...about, identity, cwd: process.cwd() },
          }),
      }),
      log: notice,
      status(text, share, left) {
        const now = performance.now();
        if (now - shownAt < line.every) return;
        shownAt = now;
        line.pass(`${text}, ${Math.round(100 * share)} %; ${duration(left)} left`);
      },
    });
    line.erase();
    await report(result, definition, out, json);
  } catch (error) {
    line.close();
    if (signal.aborted) say(`continue with: ${continueCommand(process.argv.slice(2).map(redacted))}`);
    throw error;
  } finally {
    server?.dispose();
  }
}

async function report(
  result: SearchResult,
  { space, train, size }: SearchDefinition,
  out: string,
  json = false,
) {
  const { files, findings } = await writeReport(out, result, {
    space,
    policyText: (policy) => policyText(space, policy),
    pictures: await picturing(train, {
      operator: (policy) => operatorOf(space, policy, { stages: 'elsewhere' }),
      size,
      seed: result.seed,
    }),
  });
  if (json) return printJson(findings.summary);
  print(textReport(findings));
  say(`report: ${files.html}`);
}
