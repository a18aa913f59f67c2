/** The child processes of a preparation. */
import { childPool, ONE_THREAD, type Pool } from '../../core/children/pool.js';
import type { PrepareInit, PrepareResult, PrepareTask } from '../../prepare/work.js';

/** Bytes of memory that a child on its own may hold: what needs more for one sample is left out. */
const MOST_MEMORY = 4 * 2 ** 30;

type Pools = Pool<PrepareTask, PrepareResult>;

const module = new URL('./child.js', import.meta.url);
const env = { ...ONE_THREAD, UV_THREADPOOL_SIZE: '4', MALLOC_ARENA_MAX: '2' };

/** So many processes; what ended its process twice is tried on its own. */
export const preparePool =
  (workers: number, signal: AbortSignal, notice: (sentence: string) => void) =>
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
      maxMemory: MOST_MEMORY,
    });

/** One process, for samples that may end it. */
export const isolatedPool =
  (signal: AbortSignal) =>
  (init: PrepareInit): Pools =>
    childPool({
      module,
      init,
      workers: 1,
      signal,
      env,
      owner: 'prepare',
      attempts: 1,
      maxMemory: MOST_MEMORY,
    });
