/** A worker of a preparation: renders shards in child processes until the data set is finished. */
import { rmSync } from 'node:fs';
import { RxaugError, UsageError } from '../core/index.js';
import type { Store } from '../io/store/store.js';
import { isDone } from '../prepare/commit.js';
import { localWork, stagingIn, sweepStaging } from '../prepare/places.js';
import { isFinished } from '../prepare/plan/generation.js';
import { type Plan, type PlanShard, shardName } from '../prepare/plan/plan.js';
import type { MakePool, Processes } from '../prepare/processes.js';
import { renderOne } from '../prepare/render/render-one.js';
import { differences, versions } from '../prepare/versions.js';
import { readPlan } from '../prepare/work.js';
import { reporter, serveJobs, type Taking } from './serve-jobs.js';

type OwnPool = ReturnType<MakePool>;

export interface ServingShards extends Processes {
  /** Local folder for what is not finished. Default: in the output, where that is local. */
  readonly work?: string;
}

/** Workers that died over one shard before its samples are tried one by one. */
const SUSPECT = 2;

/**
 * How many shards this worker rendered, once the manifest is there or the signal came.
 *
 * @throws UsageError for other versions than those of the plan; RxaugError as `serveJobs` does
 */
export async function serveShards(
  out: string,
  store: Store,
  { work = localWork(out), ...processes }: ServingShards,
  options: Taking,
): Promise<number> {
  const plan = await readPlan(store);
  const odd = differences(plan.versions, await versions());
  if (odd)
    throw new UsageError(
      `worker: ${store.name} was planned with other versions, which make other bytes (${odd}); install those here`,
    );
  sweepStaging(work);
  const init = { out, staging: stagingIn(work) };
  const pool = processes.pool(init, plan.memory);
  let isolated: OwnPool | undefined;
  const alone = () => (isolated ??= processes.isolated(init, plan.memory));
  const render = shardRenderer(plan, store, pool, alone, options);
  try {
    return await serveJobs(
      {
        origin: { kind: 'shard', digest: plan.digest },
        count: plan.shards.length,
        places: pool.workers,
        words: { many: 'shards', did: 'rendered' },
        nameOf: (number) => `shard ${shardName(plan.shards[number] as PlanShard)}`,
        carryOut: (number, job) => render(number, job.stalledCounter ?? 0, reporter(job)),
        finished: () => isFinished(store, plan),
      },
      options,
    );
  } finally {
    await pool.dispose();
    await isolated?.dispose();
    rmSync(init.staging, { recursive: true, force: true });
  }
}

const shardRenderer =
  (plan: Plan, store: Store, pool: OwnPool, isolated: () => OwnPool, { notice }: Taking) =>
  async (number: number, died: number, progress: (samples: number) => void): Promise<boolean> => {
    const shard = plan.shards[number] as PlanShard;
    if (await isDone(store, plan, shard)) return false;
    const mark = await renderOne(number, {
      ...{ plan, store, pool, isolated, notice },
      progress: (_, samples) => progress(samples),
      ...(died >= SUSPECT && { suspect: `lost its worker ${died} times` }),
    });
    if (!mark) throw new RxaugError(`worker: shard ${shardName(shard)} was stopped; it is tried again`);
    return true;
  };
