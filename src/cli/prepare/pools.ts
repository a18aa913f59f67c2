/** The child processes of a preparation. */
import { type ChildOptions, childPool, ONE_THREAD } from '../../core/children/pool.js';
import type { MakePool } from '../../prepare/processes.js';

const poolOf =
  (options: Pick<ChildOptions, 'workers' | 'signal' | 'notice' | 'attempts'>): MakePool =>
  (init, memory) =>
    childPool({
      module: new URL('./child.js', import.meta.url),
      init,
      env: { ...ONE_THREAD, UV_THREADPOOL_SIZE: '4', MALLOC_ARENA_MAX: '2' },
      owner: 'prepare',
      maxMemory: memory * 2 ** 20,
      ...options,
    });

/** So many processes; what ended its process twice is tried on its own. */
export const preparePool = (
  workers: number,
  signal: AbortSignal,
  notice: (sentence: string) => void,
): MakePool => poolOf({ workers, signal, notice, attempts: 2 });

/** One process, for samples that may end it. */
export const isolatedPool = (signal: AbortSignal): MakePool => poolOf({ workers: 1, signal, attempts: 1 });
