/** A share of the shards of a plan, for engines that number their jobs: Kubernetes, AWS Batch, Slurm. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../core/index.js';
import { openStore } from '../io/store/store.js';
import type { PrepareOptions } from './prepare.js';
import { shardProgress } from './progress.js';
import { renderAll } from './render/render-all.js';
import { differences, versions } from './versions.js';
import { readPlan } from './work.js';

export interface PartOptions
  extends Pick<PrepareOptions, 'out' | 'signal' | 'pool' | 'isolated' | 'status' | 'notice' | 'work'> {
  /** Every `shares`-th shard, from this one on. */
  readonly share: number;
  readonly shares: number;
}

/** How many shards of this share are finished now: all of them. */
export async function preparePart(options: PartOptions): Promise<number> {
  const { out, share, shares, signal, notice } = options;
  const store = await openStore(out);
  const staging = stagingIn(options.work ?? localWork(out));
  const init = { out, staging };
  const pool = options.pool(init);
  let isolated: ReturnType<typeof options.isolated> | undefined;
  try {
    const plan = await readPlan(store);
    const odd = differences(plan.versions, await versions());
    if (odd)
      throw new UsageError(
        `prepare: ${store.name} was planned with other versions, which make other bytes (${odd}); install those here`,
      );
    const shards = plan.shards.map((_, i) => i).filter((i) => i % shares === share);
    const done = await renderAll({
      ...{ plan, store, shards, pool, signal, notice },
      isolated: () => (isolated ??= options.isolated(init)),
      mayWrite: () => true,
      progress: shardProgress(
        shards.map((i) => plan.shards[i] as (typeof plan.shards)[number]),
        options.status,
      ),
    });
    return done.length;
  } finally {
    await pool.dispose();
    await isolated?.dispose();
    rmSync(staging, { recursive: true, force: true });
    store.dispose();
  }
}

/** A folder that no other process has. */
export const stagingIn = (work: string): string =>
  join(work, 'staging', `${os.hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`);

export const isLocal = (out: string): boolean => !/^[a-z][a-z0-9+.-]+:\/\//i.test(out);

/** On the disk of the output; for object stores a folder of the system's. */
export const localWork = (out: string): string =>
  isLocal(out) ? join(out, '.rxaug') : join(os.tmpdir(), 'rxaug-prepare');
