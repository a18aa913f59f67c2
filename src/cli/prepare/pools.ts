/** The child processes of a preparation. */
import { childPool, ONE_THREAD } from '../../core/children/pool.js';
import type { MakePool } from '../../prepare/processes.js';

const module = new URL('./child.js', import.meta.url);
const env = { ...ONE_THREAD, UV_THREADPOOL_SIZE: '4', MALLOC_ARENA_MAX: '2' };

/** So many processes; what ended its process twice is tried on its own. */
export const preparePool =
  (workers: number, signal: AbortSignal, notice: (sentence: string) => void): MakePool =>
  (init, memory) =>
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
  (signal: AbortSignal): MakePool =>
  (init, memory) =>
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
