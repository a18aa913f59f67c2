/** `rxaug prepare`: a pile of images into shards for training. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { addressOf, redacted } from '../../cluster/address.js';
import { follow } from '../../cluster/follow.js';
import { connect, type Server } from '../../cluster/server.js';
import { times } from '../../cluster/times.js';
import { messageOf, show, UsageError } from '../../core/index.js';
import type { PrepareDefinition } from '../../prepare/definition.js';
import { dryRun } from '../../prepare/dry-run.js';
import { preparePart } from '../../prepare/part.js';
import { isLocal } from '../../prepare/places.js';
import { prepare } from '../../prepare/prepare.js';
import { MEMORY, type PrepareEvents } from '../../prepare/processes.js';
import { counted } from '../../report/format.js';
import { RewrittenLine } from '../../report/rewritten-line.js';
import { continueCommand } from '../continue-command.js';
import { interruptible } from '../interrupt.js';
import { inPipeline, type LoadedPipeline, loadPipeline } from '../load-pipeline.js';
import { collect, contextOf, numberOption } from '../options.js';
import { print, printJson, say } from '../out.js';
import { reportDownloads } from '../prepare/downloads.js';
import { tellEstimate } from '../prepare/estimate.js';
import { checkFlags, type PrepareFlags } from '../prepare/flags.js';
import { tellManifest } from '../prepare/manifest-summary.js';
import { watched } from '../prepare/metrics.js';
import { isolatedPool, preparePool } from '../prepare/pools.js';
import { shareEvents } from '../share-events.js';

export function prepareCommand(): Command {
  return new Command('prepare')
    .description('prepare a data set: filter, split, balance, augment, resize, and write it as shards')
    .argument(
      '<pipeline>',
      'path of a pipeline script with prepare, .ts or .js; with --shard the folder of a plan',
    )
    .option('--out <dir>', 'folder, or s3://bucket/prefix, for the data set (default: runs/NAME-data)')
    .option('--set <key=value>', "change one of the pipeline's settings; repeatable", collect, [])
    .addOption(numberOption('--seed', 'n', 'key of all randomness (default: 0)'))
    .addOption(
      numberOption('--workers', 'n', 'processes side by side', 1).default(
        availableParallelism(),
        'one a core',
      ),
    )
    .addOption(
      numberOption(
        '--memory',
        'MB',
        `memory of a process; a sample that needs more is left out (default: ${MEMORY}, or that of the plan)`,
        64,
      ),
    )
    .option('--work <dir>', 'local folder for what is not finished (default: in the output)')
    .option('--resume', 'continue the preparation in the output folder')
    .option('--append', 'add the images that are new to a finished data set; its shards stay as they are')
    .option(
      '--retry-refused',
      'add those alone that were refused for a reason that may pass, such as a bad disk',
    )
    .option('--dry-run', 'say what it would cost, by a sample of 1000 images, and write nothing')
    .option('--plan-only', 'write the plan, and leave the shards to others')
    .option(
      '--queue <url>',
      'have the shards rendered by rxaug worker over redis://host:port, or rediss:// for TLS',
    )
    .option('--shard <i/n>', 'render every n-th shard of a plan, from the i-th on, counted from 0')
    .addOption(numberOption('--max-refused', 'n', 'exit with code 3 where more images are refused'))
    .option('--log <file>', 'append progress and notices to a file, as lines of JSON')
    .addOption(numberOption('--metrics', 'port', 'serve progress to Prometheus at 127.0.0.1:PORT/metrics', 1))
    .option('--json', 'print one line of JSON at the end, and nothing else')
    .action(async (path: string, flags: PrepareFlags) => {
      await interruptible((signal) => run(path, flags, signal), {
        stopping: 'stopping; what is finished stays; once more to stop at once',
      });
    });
}

async function run(path: string, flags: PrepareFlags, signal: AbortSignal): Promise<void> {
  checkFlags(flags);
  const { seed = 0 } = flags;
  const line = new RewrittenLine(process.stderr, 'prepare: ');
  const events = await watched(shareEvents(line), flags);
  const stopReporting = reportDownloads(events);
  let server: Server | undefined;
  try {
    if (flags.shard !== undefined) {
      const done = await part(path, flags.shard, flags, signal, events);
      line.erase();
      return report(
        flags,
        { out: path, shards: done },
        `${path}: ${counted(done, 'shard')} of share ${flags.shard} are there`,
      );
    }
    const waits = flags.queue === undefined ? undefined : times();
    // Before hours of scanning.
    if (flags.queue !== undefined) server = await connect(addressOf(flags.queue), events.notice);
    const queue = server && waits && { server, times: waits };
    const pipeline = await loadPipeline(path);
    const out = flags.out ?? `runs/${pipeline.name}-data`;
    const context = contextOf(pipeline, { ...flags, seed, out }, signal);
    const definition = await definitionOf(path, pipeline, context);
    if (flags.dryRun) {
      const estimate = await dryRun(definition, {
        ...{ name: pipeline.name, seed, signal, ...events },
        pool: preparePool(flags.workers, signal, events.notice),
        memory: flags.memory,
      });
      line.erase();
      return tellEstimate(estimate, flags);
    }
    const manifest = await prepare(definition, {
      ...{ name: pipeline.name, seed, resume: flags.resume ?? false, signal, ...events },
      out: isLocal(out) ? resolve(out) : out,
      work: flags.work && resolve(flags.work),
      ...{ append: flags.append, retryRefused: flags.retryRefused, planOnly: flags.planOnly },
      pool: preparePool(flags.workers, signal, events.notice),
      isolated: isolatedPool(signal),
      memory: flags.memory,
      ...(queue && {
        elsewhere: (plan, store) => follow({ plan, store, ...queue, signal, ...events }),
      }),
    });
    line.erase();
    if (!manifest)
      return report(
        flags,
        { out, planned: true },
        `${out}: planned; render it by rxaug prepare ${out} --shard 0/N to N-1/N, or by --resume, and then rxaug finish ${out}`,
      );
    tellManifest(out, manifest, flags);
  } catch (error) {
    line.close();
    if (signal.aborted || ofMachine(error))
      say(`continue with: ${continueCommand(process.argv.slice(2).map(redacted))}`);
    throw error;
  } finally {
    stopReporting();
    events.dispose();
    server?.dispose();
  }
}

async function part(
  dir: string,
  shard: string,
  { workers, work }: PrepareFlags,
  signal: AbortSignal,
  events: PrepareEvents,
) {
  const [, i, n] = (/^(\d+)\/(\d+)$/.exec(shard) ?? []).map(Number) as [number, number, number];
  if (!(n >= 1 && i < n))
    throw new UsageError(
      `--shard: expected i/n with 0 ≤ i < n but received '${shard}'; write for example 0/8`,
    );
  return preparePart({
    ...{ share: i, shares: n, signal, ...events },
    out: isLocal(dir) ? resolve(dir) : dir,
    work: work && resolve(work),
    pool: preparePool(workers, signal, events.notice),
    isolated: isolatedPool(signal),
  });
}

function report({ json }: PrepareFlags, result: Readonly<Record<string, unknown>>, sentence: string): void {
  if (json) printJson(result);
  else print(sentence);
}

/** Whether a disk was full or the like: by the code in the sentence, which is all that comes from another process. */
const ofMachine = (error: unknown): boolean =>
  !(error instanceof UsageError) && /, (ENOSPC|EDQUOT|EIO|EFBIG|EMFILE)\)/.test(messageOf(error));

/** What the pipeline's `prepare` returns. */
async function definitionOf(
  path: string,
  pipeline: LoadedPipeline,
  context: ReturnType<typeof contextOf>,
): Promise<PrepareDefinition> {
  const { prepare } = pipeline;
  if (!prepare)
    throw new UsageError(
      `${path}: has no prepare; add prepare: (context) => ({ source, … }) to definePipeline`,
    );
  const given: unknown = await inPipeline(path, () => prepare(context));
  // A source that cannot be opened is reported where it is awaited; until then it must not count as unhandled.
  if (typeof given === 'object' && given !== null && 'source' in given)
    void Promise.resolve(given.source).catch(() => undefined);
  if (typeof given !== 'object' || given === null || !('source' in given))
    throw new UsageError(`${path}: prepare: expected { source, … } but received ${show(given)}; return it`);
  return given as PrepareDefinition;
}
