/** `rxaug worker`: renders shards of a plan that `rxaug prepare --queue` enqueues, on this machine. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { addressOf } from '../../cluster/address.js';
import { serve } from '../../cluster/serve.js';
import { connect } from '../../cluster/server.js';
import { times } from '../../cluster/times.js';
import { isLocal } from '../../prepare/places.js';
import { counted } from '../../report/format.js';
import { RewrittenLine } from '../../report/rewritten-line.js';
import { interruptible } from '../interrupt.js';
import { numberOption } from '../options.js';
import { print, printJson } from '../out.js';
import { isolatedPool, preparePool } from '../prepare/pools.js';

/** Milliseconds that connections have to end by themselves. */
const CLOSED = 1000;

interface WorkerFlags {
  readonly queue: string;
  readonly out: string;
  readonly workers: number;
  readonly work?: string;
  readonly json?: boolean;
}

export function workerCommand(): Command {
  return new Command('worker')
    .description('render shards that rxaug prepare --queue enqueues, until the data set is finished')
    .requiredOption('--queue <url>', 'the server of the queue: redis://host:port, or rediss:// for TLS')
    .requiredOption('--out <dir>', 'folder, or s3://bucket/prefix, of the data set')
    .addOption(
      numberOption('--workers', 'n', 'processes side by side', 1).default(
        availableParallelism(),
        'one a core',
      ),
    )
    .option('--work <dir>', 'local folder for what is not finished (default: in the output)')
    .option('--json', 'print one line of JSON at the end, and nothing else')
    .action(async (flags: WorkerFlags) => {
      await interruptible((signal) => run(flags, signal), {
        stopping: 'stopping; shards that are begun are finished; once more to stop at once',
      });
    });
}

async function run({ queue, out, workers, work, json }: WorkerFlags, signal: AbortSignal): Promise<void> {
  const line = new RewrittenLine(process.stderr, 'worker: ');
  const notice = (sentence: string) => line.stay(sentence);
  // Children are not told to stop: a shard that is begun is finished.
  const never = new AbortController().signal;
  const waits = times();
  const server = await connect(addressOf(queue), notice);
  let [shown, shownAt] = ['', Number.NEGATIVE_INFINITY];
  try {
    const shards = await serve({
      ...{ server, signal, notice, times: waits },
      out: isLocal(out) ? resolve(out) : out,
      work: work && resolve(work),
      pool: preparePool(workers, never, notice),
      isolated: isolatedPool(never),
      status(text) {
        const now = performance.now();
        if (text === shown || now - shownAt < line.every) return;
        [shown, shownAt] = [text, now];
        line.pass(text);
      },
    });
    line.erase();
    if (json) printJson({ out, shards });
    else print(`${out}: ${counted(shards, 'shard')} rendered here`);
  } catch (error) {
    line.close();
    throw error;
  } finally {
    server.dispose();
    // While the server is away BullMQ's connections cannot be closed, and would hold the process.
    setTimeout(() => process.exit(), CLOSED).unref();
  }
}
