/** A worker of a search: does trainings in child processes until the search is finished. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '../core/children/pool.js';
import { RxaugError, UsageError } from '../core/index.js';
import { differences } from '../prepare/versions.js';
import type { Result, Task, Versions } from '../search/tasks.js';
import { SearchFolder, type SharedSearch } from './search-folder.js';
import { reporter, serveJobs, type Taking } from './serve-jobs.js';

export interface ServingTrials {
  /** Processes for a search. Each checks that its pipeline and images are those of the search before its first task. */
  readonly pool: (out: string, search: SharedSearch) => Pool<Task, Result>;
}

/** Workers that may die over a training, which goes on from its last epoch, before that counts as a failure. */
const DEATHS = 8;

/**
 * How many trainings were done here, once the search is finished or the signal came.
 *
 * @throws UsageError for another pipeline, other images or other versions than those of the search; RxaugError as
 *   `serveJobs` does
 */
export async function serveTrials(
  out: string,
  { pool: open }: ServingTrials,
  options: Taking,
): Promise<number> {
  const folder = SearchFolder.open(out);
  const finished = () => existsSync(join(out, 'result.json'));
  if (finished()) return 0;
  const pool = open(out, folder.about);
  try {
    const here = await pool.run({ kind: 'versions' }, { name: 'checking' });
    if (here === undefined) return 0;
    const odd = differences(folder.about.versions, here as Versions);
    if (odd)
      throw new UsageError(
        `worker: ${out} is searched with other versions, which give other figures (${odd}); install those here, or give search and workers the same --backend`,
      );
    return await serveJobs(
      {
        origin: { kind: 'trial', digest: folder.digest },
        places: pool.workers,
        words: { many: 'trainings', did: 'done' },
        nameOf: (number) => folder.nameOf(number),
        async carryOut(number, job) {
          if (folder.result(number) !== undefined) return false;
          if ((job.stalledCounter ?? 0) >= DEATHS)
            throw new RxaugError(`it lost its worker ${DEATHS} times; give workers more memory`);
          const report = reporter(job);
          const result = await pool.run(folder.task(number), {
            name: folder.nameOf(number),
            progress: (_, share) => report(share),
          });
          if (result === undefined) throw new RxaugError('it was stopped; it is done again');
          await folder.finish(number, result);
          return true;
        },
        async finished() {
          if (SearchFolder.open(out).digest !== folder.digest)
            throw new RxaugError(
              `worker: ${out} is searched with other versions or from another place now; start the worker again`,
            );
          return finished();
        },
      },
      options,
    );
  } finally {
    await pool.dispose();
  }
}
