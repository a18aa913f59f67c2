/** Has the shards of a plan rendered by workers, and follows until all are finished. */
import type { Store } from '../io/store/store.js';
import { type Done, isDone } from '../prepare/commit.js';
import { doneFile, type Plan, type PlanShard, shardName } from '../prepare/plan/plan.js';
import type { PrepareEvents } from '../prepare/processes.js';
import { shardProgress } from '../prepare/progress.js';
import { type Attending, attend } from './attend.js';
import { inTurn } from './concurrent.js';
import { Dispatch, READS } from './dispatch.js';

export interface Following extends PrepareEvents, Omit<Attending, 'out'> {
  readonly plan: Plan;
  readonly store: Store;
  /** Jobs in the queue at once. Default 1000. */
  readonly window?: number;
}

/**
 * Marks of all shards, in their order.
 *
 * @throws RxaugError with a shard's reason once it has failed four times, and for a server that stays away
 */
export async function follow(options: Following): Promise<Done[]> {
  const { plan, store, server, signal, status } = options;
  const shard = (number: number) => plan.shards[number] as PlanShard;
  const marks: Done[] = new Array(plan.shards.length);
  const progress = shardProgress(plan.shards, (line, share, counts) =>
    status(`${line}, ${dispatch.active} ${dispatch.active === 1 ? 'worker' : 'workers'}`, share, counts),
  );
  const dispatch: Dispatch<Done> = await Dispatch.open<Done>({
    ...options,
    origin: { kind: 'shard', digest: plan.digest },
    owner: 'prepare',
    worker: `rxaug worker --queue ${server.address.name} --out ${store.name}`,
    count: plan.shards.length,
    nameOf: (number) => `shard ${shardName(shard(number))}`,
    doneOf: (number) => isDone(store, plan, shard(number)),
    onDone(number, mark) {
      marks[number] = mark;
      progress(shard(number), mark.samples + mark.refused.length, mark);
    },
    onProgress: (number, samples) => progress(shard(number), Math.min(samples, shard(number).samples)),
  });
  let needed = true;
  try {
    // Shards that are finished already.
    const there = new Set((await store.list('.rxaug/done/')).map(({ path }) => path));
    const all = plan.shards.map((_, i) => i);
    await inTurn(
      all.filter((i) => there.has(doneFile(shard(i)))),
      READS,
      async (i) => {
        signal.throwIfAborted();
        await dispatch.settle(i);
      },
    );
    dispatch.push(all.filter((i) => !marks[i]));
    await attend({ ...options, out: store.name }, async () => {
      if (!dispatch.finished) await dispatch.poll();
      return dispatch.finished;
    });
    needed = false;
    return marks;
  } finally {
    await dispatch.close(needed);
  }
}
