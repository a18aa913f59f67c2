/** The child processes of a worker that does trainings of a search. */
import { statSync } from 'node:fs';
import type { SharedSearch } from '../../cluster/search-folder.js';
import { childPool, type Pool } from '../../core/children/pool.js';
import { UsageError } from '../../core/index.js';
import type { Result, Task } from '../../search/tasks.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import type { ChildInit } from './child.js';

export interface TrialPoolOptions {
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly notice: (sentence: string) => void;
}

/**
 * Processes that load the pipeline of a search as the one that leads it did, in the same folder.
 *
 * @throws UsageError where the folder or the script is not here
 */
export function trialPool(
  out: string,
  { pipeline, set, seed, strategy, backend, identity, cwd }: SharedSearch,
  { workers, signal, notice }: TrialPoolOptions,
): Pool<Task, Result> {
  for (const [path, what] of [
    [cwd, 'the folder in which the search was started'],
    [pipeline, 'its pipeline script'],
  ] as const)
    if (!statSync(path, { throwIfNoEntry: false }))
      throw new UsageError(
        `worker: ${out}: expected ${what} at ${path} but it is not here; mount it at the same path`,
      );
  const loading = { pipeline, set, seed, strategy, backend: backend as BackendRequest };
  const init: ChildInit = { ...loading, out, identity };
  // Its settings may hold relative paths, which children resolve.
  process.chdir(cwd);
  return childPool({
    module: new URL('./child.js', import.meta.url),
    args: [out],
    ...{ init, workers, signal, notice, output: notice },
    owner: 'worker',
  });
}
