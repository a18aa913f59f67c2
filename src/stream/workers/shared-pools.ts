/**
 * Streams with the same worker settings share one pool: starting a worker costs more than rendering many batches, and
 * training alternates between two streams. An unused pool is kept for a moment.
 */
import { type PoolOptions, WorkerPool } from './pool.js';
import { InlineRunner, type Runner } from './runner.js';
import { withEverywhere } from './worker-modules.js';

const KEEP_MS = 3000;

interface Shared {
  readonly pool: WorkerPool;
  users: number;
  idle?: NodeJS.Timeout;
}

const pools = new Map<string, Shared>();

/** A runner with so many workers, 0 for this thread; `dispose` gives it back. */
export function acquireRunner(requested: PoolOptions): Runner {
  const options = { ...requested, ...withEverywhere(requested.modules) };
  if (options.workers === 0) return new InlineRunner(options);
  const name = JSON.stringify(options);
  const kept = pools.get(name);
  const shared = kept && !kept.pool.isDisposed ? kept : { pool: new WorkerPool(options), users: 0 };
  pools.set(name, shared);
  clearTimeout(shared.idle);
  shared.users++;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  let given = false;
  return {
    run: (job) => shared.pool.run(job, stop),
    dispose() {
      if (given) return;
      given = true;
      shared.pool.stop(stop);
      if (--shared.users > 0) return;
      shared.idle = setTimeout(() => discard(name, shared), KEEP_MS).unref();
    },
  };
}

/** The pools in use or kept, for tests. */
export const sharedPools = (): readonly WorkerPool[] => [...pools.values()].map(({ pool }) => pool);

function discard(name: string, shared: Shared): void {
  if (pools.get(name) === shared) pools.delete(name); // a pool that gave up has a successor by this name
  shared.pool.dispose();
}
