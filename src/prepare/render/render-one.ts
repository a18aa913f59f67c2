/**
 * Renders one shard by a child process. A shard that ended its process twice is tried row by row in a process of its own
 * with a cap of memory; rows that end that too are named and left out.
 */
import { ChildDied, type Pool } from '../../core/children/pool.js';
import { RxaugError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import type { Done } from '../commit.js';
import { type Plan, type PlanShard, shardName } from '../plan/plan.js';
import { poisonOf, rowsOf, writePoison } from '../plan/rows.js';
import type { PrepareResult, PrepareTask } from '../work.js';

export interface RenderOne {
  readonly plan: Plan;
  readonly store: Store;
  readonly pool: Pool<PrepareTask, PrepareResult>;
  /** Processes with a cap of memory, made when they are needed. */
  readonly isolated: () => Pool<PrepareTask, PrepareResult>;
  /** Called when so many samples are rendered. */
  readonly progress: (shard: PlanShard, samples: number) => void;
  readonly notice: (sentence: string) => void;
  /**
   * Why the samples are tried one by one before the shard is rendered at all: machines that had it have died. Undefined
   * where none has.
   */
  readonly suspect?: string;
}

/** The mark of the shard; undefined if the pool was stopped. `number` is its place in the plan. */
export async function renderOne(number: number, options: RenderOne): Promise<Done | undefined> {
  const { plan, pool, progress, suspect } = options;
  const shard = plan.shards[number] as PlanShard;
  const task = { kind: 'shard', plan: plan.digest, shard: number } as const;
  const run = {
    name: `shard ${shardName(shard)}`,
    progress: (_: string, samples: number) => progress(shard, samples),
  };
  if (suspect !== undefined) {
    options.notice(`shard ${shardName(shard)} ${suspect}; its samples are tried one by one`);
    if ((await isolate(number, shard, options)) === undefined) return undefined;
  }
  try {
    return (await pool.run(task, run)) as Done | undefined;
  } catch (error) {
    if (!(error instanceof ChildDied)) throw error;
    const name = shardName(shard);
    options.notice(`shard ${name} ended its process twice (${error.how}); its samples are tried one by one`);
    const found = await isolate(number, shard, options);
    if (found === undefined) return undefined;
    if (found === 0)
      throw new RxaugError(
        `prepare: shard ${name} ended its process twice (${error.how}) while each of its samples alone does not; free memory, lower --workers or shardSize, then continue with --resume`,
      );
  }
  return (await pool.run(task, run)) as Done | undefined;
}

/** How many rows end a process, each tried alone; undefined if it was stopped. */
async function isolate(number: number, shard: PlanShard, options: RenderOne): Promise<number | undefined> {
  const { plan, store, isolated, notice } = options;
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
      if (!fine) return undefined;
    } catch (error) {
      if (!(error instanceof ChildDied)) throw error;
      poison.set(row.key, `${row.id}: its rendering ended the process (${error.how}); remove it`);
      notice(`${row.id}: its rendering ended the process (${error.how}); it is left out`);
    }
  }
  if (poison.size > before) await writePoison(store, shard, poison);
  return poison.size - before;
}
