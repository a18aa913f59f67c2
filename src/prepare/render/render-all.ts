/** The second pass: shards that are not finished are rendered by child processes. */
import { RxaugError } from '../../core/index.js';
import { type Done, isDone } from '../commit.js';
import type { PlanShard } from '../plan/plan.js';
import { type RenderOne, renderOne } from './render-one.js';

export interface RenderOptions extends Omit<RenderOne, 'progress' | 'suspect'> {
  /** Numbers of the shards in the plan that are to be there in the end. */
  readonly shards: readonly number[];
  readonly signal: AbortSignal;
  /** Called when a shard is finished, and with `done` undefined when `samples` more are rendered. */
  readonly progress: (shard: PlanShard, samples: number, done?: Done) => void;
  /** Whether this process may still write. */
  readonly mayWrite: () => boolean;
}

/** Marks of the shards, in their order. */
export async function renderAll(options: RenderOptions): Promise<Done[]> {
  const { plan, store, shards, pool, signal, progress, mayWrite } = options;
  const done: Done[] = new Array(shards.length);
  let failure: unknown;
  let next = 0;
  const worker = async () => {
    while (next < shards.length && !signal.aborted && failure === undefined) {
      const at = next++;
      const number = shards[at] as number;
      const shard = plan.shards[number] as PlanShard;
      try {
        if (!mayWrite())
          throw new RxaugError(`prepare: another process has taken ${store.name}; let one of the two finish`);
        const mark = (await isDone(store, plan, shard)) ?? (await renderOne(number, options));
        if (!mark) return;
        done[at] = mark;
        progress(shard, mark.samples + mark.refused.length, mark);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  // One more than there are processes, so that none waits for the next shard.
  await Promise.all(Array.from({ length: pool.workers + 1 }, worker));
  if (failure !== undefined) throw failure;
  signal.throwIfAborted();
  return done;
}
