/** The child processes of a preparation. */
import { childPool, ONE_THREAD, type Pool } from '../../core/children/pool.js';
import type { PrepareInit, PrepareResult, PrepareTask } from '../../prepare/work.js';

/** Megabytes of memory that a process may hold, unless `--memory` says otherwise. */
export const MEMORY = 4096;

type Pools = Pool<PrepareTask, PrepareResult>;

const module = new URL('./child.js', import.meta.url);
const env = { ...ONE_THREAD, UV_THREADPOOL_SIZE: '4', MALLOC_ARENA_MAX: '2' };

/** So many processes; what ended its process twice is tried on its own. */
export const preparePool =
  (workers: number, memory: number, signal: AbortSignal, notice: (sentence: string) => void) =>
  (init: PrepareInit): Pools =>
    childPool({
      module,
      init,
      workers,
      signal,
      notice,
      env,
      owner: 'prepare',
      attempts: 2,
      maxMemory: memory * 2 ** 20,
    });

/** One process, for samples that may end it. */
export const isolatedPool =
  (memory: number, signal: AbortSignal) =>
  (init: PrepareInit): Pools =>
    childPool({
      module,
      init,
      workers: 1,
      signal,
      env,
      owner: 'prepare',
      attempts: 1,
      maxMemory: memory * 2 ** 20,
    });
