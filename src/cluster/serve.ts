/** A worker: does the jobs of what its folder holds, shards of a preparation or trainings of a search. */
import { UsageError } from '../core/index.js';
import { openStore } from '../io/store/open-store.js';
import type { Store } from '../io/store/store.js';
import { PLAN } from '../prepare/plan/plan.js';
import { sleep, within } from './concurrent.js';
import { SEARCH } from './search-folder.js';
import type { Taking } from './serve-jobs.js';
import { type ServingShards, serveShards } from './serve-shards.js';
import { type ServingTrials, serveTrials } from './serve-trials.js';

export interface Serving extends Taking {
  /** Folder or URL of the output, where the plan or the search is or will be. */
  readonly out: string;
  readonly shards: ServingShards;
  readonly trials: ServingTrials;
}

/** What was done here. */
export interface Served {
  readonly kind: 'shard' | 'trial';
  readonly count: number;
}

/**
 * Waits for a plan or a search in the folder, and does jobs of it until it is finished or the signal comes.
 *
 * @throws UsageError for a folder that holds both, for `shards.work` where there is a search, and for other versions, data or pipeline than those of the plan or the
 *   search; RxaugError for what a supervisor may cure by a new start: a server that stays away, and a machine on which
 *   nothing succeeds
 */
export async function serve({ out, shards, trials, ...options }: Serving): Promise<Served> {
  const store = await openStore(out);
  try {
    const kind = await kindIn(store, options);
    if (kind === 'trial' && shards.work !== undefined)
      throw new UsageError('--work: is for shards, and this is a search; leave it out');
    if (kind === 'trial') return { kind, count: await serveTrials(out, trials, options) };
    return { kind: 'shard', count: kind ? await serveShards(out, store, shards, options) : 0 };
  } finally {
    store.dispose();
  }
}

/** Waits for the plan; undefined if the signal comes first. */
async function kindIn(store: Store, { signal, notice, times }: Taking): Promise<Served['kind'] | undefined> {
  for (let noticed = false; !signal.aborted; noticed = true) {
    const [plan, search] = await Promise.all([store.stat(PLAN), store.stat(SEARCH)]);
    if (plan && search)
      throw new UsageError(
        `worker: ${store.name} holds a preparation and a search; give each a folder of its own`,
      );
    if (plan) return 'shard';
    if (search) return 'trial';
    if (!noticed) notice(`${store.name}: there is no plan yet; waiting for it`);
    await within(times.look, sleep(times.look, signal));
  }
  return undefined;
}
