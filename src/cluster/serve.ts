/**
 * A worker: takes shards of one plan from its queue and renders them in child processes until the data set is finished.
 * This process itself computes nothing, so that locks are renewed in time; a lock that is lost all the same costs the work
 * of one shard, which two then commit with the same bytes.
 */
import { rmSync } from 'node:fs';
import type { Job } from 'bullmq';
import type { Pool } from '../core/children/pool.js';
import { messageOf, RxaugError, UsageError } from '../core/index.js';
import { openStore } from '../io/store/open-store.js';
import type { Store } from '../io/store/store.js';
import { isDone } from '../prepare/commit.js';
import { localWork, stagingIn, sweepStaging } from '../prepare/places.js';
import { isFinished } from '../prepare/plan/generation.js';
import { PLAN, type Plan, type PlanShard, shardName } from '../prepare/plan/plan.js';
import type { MakePool, Processes } from '../prepare/processes.js';
import { renderOne } from '../prepare/render/render-one.js';
import { differences, versions } from '../prepare/versions.js';
import { type PrepareResult, type PrepareTask, readPlan } from '../prepare/work.js';
import { sleep, within } from './concurrent.js';
import { type ShardJob, shardOf } from './jobs.js';
import { Puller } from './puller.js';
import type { Server } from './server.js';
import type { Times } from './times.js';

export interface Serving extends Processes {
  readonly server: Server;
  readonly times: Times;
  /** Folder or URL of the output, where the plan is or will be. */
  readonly out: string;
  /** Local folder for what is not finished. Default: in the output, where that is local. */
  readonly work?: string;
  /** Takes no more shards; those that are being rendered are finished. */
  readonly signal: AbortSignal;
  readonly status: (line: string) => void;
  readonly notice: (sentence: string) => void;
}

/** Shards that fail one after another before this machine is taken for the reason. */
const MOST_FAILURES = 4;
/** Workers that died over one shard before its samples are tried one by one. */
const SUSPECT = 2;

/**
 * How many shards this worker rendered, once the manifest is there or the signal came.
 *
 * @throws UsageError for other versions than those of the plan; RxaugError for what a supervisor may cure by a new start:
 *   a server that stays away, and a machine on which nothing succeeds
 */
export async function serve(options: Serving): Promise<number> {
  const { out, signal, times } = options;
  const store = await openStore(out);
  const work = options.work ?? localWork(out);
  sweepStaging(work);
  const init = { out, staging: stagingIn(work) };
  let pool: ReturnType<MakePool> | undefined;
  let isolated: ReturnType<MakePool> | undefined;
  try {
    const plan = await planOf(store, options);
    if (!plan) return 0;
    const odd = differences(plan.versions, await versions());
    if (odd)
      throw new UsageError(
        `worker: ${store.name} was planned with other versions, which make other bytes (${odd}); install those here`,
      );
    pool = options.pool(init, plan.memory);
    const alone = () => (isolated ??= options.isolated(init, plan.memory));
    const renderer = new Renderer(plan, store, pool, alone, options);
    const puller = await Puller.start(plan, options, pool.workers, (job) => renderer.render(job));
    try {
      while (!signal.aborted && !(await isFinished(store, plan))) {
        await puller.look();
        renderer.tell();
        if (renderer.inARow >= MOST_FAILURES)
          throw new RxaugError(
            `worker: ${MOST_FAILURES} shards failed here one after another, the last one because: ${renderer.reason}; mend this machine, then start the worker again`,
          );
        await within(times.look, sleep(times.look, signal));
      }
    } finally {
      await puller.close();
    }
    return renderer.rendered;
  } finally {
    await pool?.dispose();
    await isolated?.dispose();
    rmSync(init.staging, { recursive: true, force: true });
    store.dispose();
  }
}

/** Waits for the plan; undefined if the signal comes first. */
async function planOf(store: Store, { signal, notice, times }: Serving): Promise<Plan | undefined> {
  for (let told = false; !signal.aborted; told = true) {
    if (await store.stat(PLAN)) return readPlan(store);
    if (!told) notice(`${store.name}: there is no plan yet; waiting for it`);
    await within(times.look, sleep(times.look, signal));
  }
  return undefined;
}

class Renderer {
  /** Shards that were rendered here. */
  rendered = 0;
  /** Failures since something succeeded. */
  inARow = 0;
  reason = '';
  private readonly running = new Set<string>();

  constructor(
    private readonly plan: Plan,
    private readonly store: Store,
    private readonly pool: Pool<PrepareTask, PrepareResult>,
    private readonly isolated: () => Pool<PrepareTask, PrepareResult>,
    private readonly options: Serving,
  ) {}

  async render(job: Job<ShardJob>): Promise<void> {
    const { notice } = this.options;
    let number: number;
    try {
      number = shardOf(job.data, this.plan);
    } catch (error) {
      notice(messageOf(error));
      throw error;
    }
    const shard = this.plan.shards[number] as PlanShard;
    const name = shardName(shard);
    this.running.add(name);
    try {
      if (await isDone(this.store, this.plan, shard)) return;
      const died = job.stalledCounter ?? 0;
      const mark = await renderOne(number, {
        ...{ plan: this.plan, store: this.store, pool: this.pool, isolated: this.isolated, notice },
        progress: reporter(job),
        ...(died >= SUSPECT && { suspect: `lost its worker ${died} times` }),
      });
      if (!mark) throw new RxaugError(`worker: shard ${name} was stopped; it is tried again`);
      this.rendered++;
      this.inARow = 0;
    } catch (error) {
      this.inARow++;
      this.reason = messageOf(error);
      notice(`shard ${name}: ${this.reason}`);
      throw error;
    } finally {
      this.running.delete(name);
    }
  }

  tell(): void {
    const now = this.running.size > 0 ? `, now ${[...this.running].join(', ')}` : '';
    this.options.status(`${this.rendered} shards rendered${now}`);
  }
}

/** Tells the queue how many samples are rendered, once a second at most. */
function reporter(job: Job<ShardJob>): (shard: PlanShard, samples: number) => void {
  let last = performance.now();
  return (_, samples) => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    // A job that the server has lost, or a server that is away, is noticed elsewhere.
    job.updateProgress(samples).catch(() => undefined);
  };
}
