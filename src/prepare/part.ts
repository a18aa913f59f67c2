/** A share of the shards of a plan, for engines that number their jobs: Kubernetes, AWS Batch, Slurm. */
import { rmSync } from 'node:fs';
import { UsageError } from '../core/index.js';
import { openStore } from '../io/store/open-store.js';
import { localWork, stagingIn, sweepStaging } from './places.js';
import type { MakePool, PrepareEvents, Processes } from './processes.js';
import { shardProgress } from './progress.js';
import { renderAll } from './render/render-all.js';
import { differences, versions } from './versions.js';
import { readPlan } from './work.js';

export interface PartOptions extends PrepareEvents, Processes {
  readonly out: string;
  readonly work?: string;
  readonly signal: AbortSignal;
  /** Every `shares`-th shard, from this one on. */
  readonly share: number;
  readonly shares: number;
}

/** How many shards of this share are finished now: all of them. */
export async function preparePart(options: PartOptions): Promise<number> {
  const { out, share, shares, signal, notice } = options;
  const store = await openStore(out);
  const work = options.work ?? localWork(out);
  sweepStaging(work);
  const staging = stagingIn(work);
  const init = { out, staging };
  let pool: ReturnType<MakePool> | undefined;
  let isolated: ReturnType<MakePool> | undefined;
  try {
    const plan = await readPlan(store);
    const odd = differences(plan.versions, await versions());
    if (odd)
      throw new UsageError(
        `prepare: ${store.name} was planned with other versions, which make other bytes (${odd}); install those here`,
      );
    pool = options.pool(init, plan.memory);
    const shards = plan.shards.map((_, i) => i).filter((i) => i % shares === share);
    const done = await renderAll({
      ...{ plan, store, shards, pool, signal, notice },
      isolated: () => (isolated ??= options.isolated(init, plan.memory)),
      mayWrite: () => true,
      progress: shardProgress(
        shards.map((i) => plan.shards[i] as (typeof plan.shards)[number]),
        options.status,
      ),
    });
    return done.length;
  } finally {
    await pool?.dispose();
    await isolated?.dispose();
    rmSync(staging, { recursive: true, force: true });
    store.dispose();
  }
}
