/**
 * The second pass: shards that are not finished are rendered by child processes. A shard that ended its process twice is
 * rendered row by row in a process of its own with a cap of memory; rows that end that too are named and left out.
 */
import { ChildDied, type Pool } from '../../core/children/pool.js';
import { RxaugError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import { type Done, isDone } from '../commit.js';
import { type Plan, type PlanShard, shardName } from '../plan/plan.js';
import { poisonOf, rowsOf, writePoison } from '../plan/rows.js';
import type { PrepareResult, PrepareTask } from '../work.js';

export interface RenderOptions {
  readonly plan: Plan;
  readonly store: Store;
  /** Numbers of the shards in the plan that are to be there in the end. */
  readonly shards: readonly number[];
  readonly pool: Pool<PrepareTask, PrepareResult>;
  /** Processes with a cap of memory, made when they are needed. */
  readonly isolated: () => Pool<PrepareTask, PrepareResult>;
  readonly signal: AbortSignal;
  /** Called when a shard is finished, and with `done` undefined when `samples` more are rendered. */
  readonly progress: (shard: PlanShard, samples: number, done?: Done) => void;
  readonly notice: (sentence: string) => void;
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
        const mark = (await isDone(store, plan, shard)) ?? (await render(number, shard, options));
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

async function render(number: number, shard: PlanShard, options: RenderOptions): Promise<Done | undefined> {
  const { plan, pool, progress } = options;
  const task = { kind: 'shard', plan: plan.digest, shard: number } as const;
  const run = {
    name: `shard ${shardName(shard)}`,
    progress: (_: string, samples: number) => progress(shard, samples),
  };
  try {
    return (await pool.run(task, run)) as Done | undefined;
  } catch (error) {
    if (!(error instanceof ChildDied)) throw error;
    if (!(await isolate(number, shard, error.how, options))) return undefined;
  }
  return (await pool.run(task, run)) as Done | undefined;
}

/** Finds the rows that end a process, each tried alone; false if it was stopped. */
async function isolate(
  number: number,
  shard: PlanShard,
  how: string,
  options: RenderOptions,
): Promise<boolean> {
  const { plan, store, isolated, notice } = options;
  const name = shardName(shard);
  notice(`shard ${name} ended its process twice (${how}); its samples are tried one by one`);
  const rows = await rowsOf(store, shard);
  const poison = new Map(await poisonOf(store, shard));
  const pool = isolated();
  const before = poison.size;
  for (const [i, row] of rows.entries()) {
    if (poison.has(row.key)) continue;
    try {
      const fine = await pool.run(
        { kind: 'try', plan: plan.digest, shard: number, row: i },
        { name: row.id },
      );
      if (!fine) return false;
    } catch (error) {
      if (!(error instanceof ChildDied)) throw error;
      poison.set(row.key, `${row.id}: its rendering ended the process (${error.how}); remove it`);
      notice(`${row.id}: its rendering ended the process (${error.how}); it is left out`);
    }
  }
  if (poison.size === before)
    throw new RxaugError(
      `prepare: shard ${name} ended its process twice (${how}) while each of its samples alone does not; free memory, lower --workers or shardSize, then continue with --resume`,
    );
  await writePoison(store, shard, poison);
  return true;
}
