/**
 * Has the shards of a plan rendered by workers: enqueues them, a window at a time, and follows until all are finished. What
 * is finished is read from the store alone, so a queue that loses its jobs costs time and nothing else.
 */
import type { Job, Queue } from 'bullmq';
import { RxaugError } from '../core/index.js';
import type { Store } from '../io/store/store.js';
import { type Done, isDone } from '../prepare/commit.js';
import { doneFile, type Plan, type PlanShard, shardName } from '../prepare/plan/plan.js';
import type { PrepareEvents } from '../prepare/processes.js';
import { shardProgress } from '../prepare/progress.js';
import { inTurn, sleep } from './concurrent.js';
import { jobId, PREFIX, queueName, type ShardJob, shardOf } from './jobs.js';
import { loadBullmq } from './packages.js';
import type { Server } from './server.js';
import type { Times } from './times.js';

export interface Following extends PrepareEvents {
  readonly plan: Plan;
  readonly store: Store;
  readonly server: Server;
  readonly times: Times;
  readonly signal: AbortSignal;
  /** Jobs in the queue at once. Default 1000. */
  readonly window?: number;
}

/** Times that a shard may fail, on whatever worker, before its reason ends the preparation. */
const TRIES = 4;
/** Files that are read side by side. */
const READS = 16;

/**
 * Marks of all shards, in their order.
 *
 * @throws RxaugError with a shard's reason once it has failed four times, and for a server that stays away
 */
export async function follow(options: Following): Promise<Done[]> {
  const { plan, server, times, signal, notice } = options;
  const { Queue } = await loadBullmq();
  const queue = new Queue<ShardJob>(queueName(plan), {
    connection: server.client,
    prefix: PREFIX,
    streams: { events: { maxLen: 1000 } },
  });
  queue.on('error', () => undefined); // what matters fails where it is asked for
  try {
    const follower = new Follower(options, queue);
    await follower.readStore();
    let awaySince: number | undefined;
    while (!follower.finished) {
      try {
        await follower.look();
        if (awaySince !== undefined) notice(`${server.address.name} answers again`);
        awaySince = undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof RxaugError) throw error;
        const now = performance.now();
        if (awaySince === undefined)
          notice(
            `${server.address.name} does not answer (${server.reason(error)}); workers finish what they have`,
          );
        awaySince ??= now;
        if (now - awaySince > times.patience)
          throw new RxaugError(
            `${server.address.name} has not answered for ${Math.round((now - awaySince) / 1000)} s (${server.reason(error)}); bring it back, then continue with --resume`,
          );
      }
      if (!follower.finished) await sleep(times.look, signal);
    }
    // Nothing is needed of it any more; where it is away it has nothing that anybody would miss.
    await queue.obliterate({ force: true }).catch(() => undefined);
    return follower.marks;
  } finally {
    await queue.close().catch(() => undefined);
  }
}

class Follower {
  readonly marks: Done[];
  /** Not finished and not enqueued: a stack, the first shard on top. */
  private readonly waiting: number[] = [];
  private readonly enqueued = new Set<number>();
  private readonly failures = new Map<number, number>();
  private readonly progress: (shard: PlanShard, samples: number, done?: Done) => void;
  private readonly window: number;
  private workers = 0;
  private idleSince = performance.now();
  private told = false;

  constructor(
    private readonly options: Following,
    private readonly queue: Queue<ShardJob>,
  ) {
    const { plan, status, window = 1000 } = options;
    this.marks = new Array(plan.shards.length);
    this.window = window;
    this.progress = shardProgress(plan.shards, (line, share, counts) =>
      status(`${line}, ${this.workers} ${this.workers === 1 ? 'worker' : 'workers'}`, share, counts),
    );
  }

  get finished(): boolean {
    return this.waiting.length === 0 && this.enqueued.size === 0;
  }

  /** What an earlier run, or anybody, has finished. */
  async readStore(): Promise<void> {
    const { plan, store, signal } = this.options;
    const there = new Set((await store.list('.rxaug/done/')).map(({ path }) => path));
    const all = plan.shards.map((_, i) => i);
    await inTurn(
      all.filter((i) => there.has(doneFile(this.shard(i)))),
      READS,
      async (i) => {
        signal.throwIfAborted();
        await this.settle(i);
      },
    );
    for (let i = all.length - 1; i >= 0; i--) if (!this.marks[i]) this.waiting.push(i);
  }

  /** One round: what left the queue, what failed, what comes next, how far the workers are. */
  async look(): Promise<void> {
    await this.retryFailed();
    await this.collect();
    await this.fill();
    if (!this.finished) await this.watch();
  }

  /** Jobs that the queue has no more are finished, or were lost. */
  private async collect(): Promise<void> {
    const numbers = [...this.enqueued];
    if (numbers.length === 0) return;
    const pipeline = this.options.server.client.pipeline();
    for (const i of numbers) pipeline.exists(this.queue.toKey(jobId(i)));
    const there = (await pipeline.exec()) ?? [];
    const gone = numbers.filter((_, at) => {
      const [error, exists] = there[at] ?? [new Error('no answer')];
      if (error) throw error;
      return exists === 0;
    });
    let lost = 0;
    await inTurn(gone, READS, async (i) => {
      this.enqueued.delete(i);
      if (await this.settle(i)) return;
      this.waiting.push(i);
      lost++;
    });
    if (lost > 0)
      this.options.notice(
        `${lost} ${lost === 1 ? 'job is' : 'jobs are'} in the queue no more and not finished; enqueued again`,
      );
  }

  /** A shard that failed is given to the next worker, after a while; one that fails everywhere ends the preparation. */
  private async retryFailed(): Promise<void> {
    for (const job of await this.queue.getFailed(0, 99)) {
      const number = this.numberOf(job);
      if (number === undefined) continue;
      await job.remove();
      if (await this.settle(number)) continue;
      const count = (this.failures.get(number) ?? 0) + 1;
      this.failures.set(number, count);
      const name = shardName(this.shard(number));
      if (count >= TRIES)
        throw new RxaugError(
          `prepare: shard ${name} failed ${count} times, the last time because: ${job.failedReason}`,
        );
      this.options.notice(
        `shard ${name} failed${job.processedBy ? ` on ${job.processedBy}` : ''}: ${job.failedReason}; it is tried again`,
      );
      // One that is waiting here comes in its turn.
      if (this.enqueued.has(number)) await this.add([number], this.options.times.look * 2 ** count);
    }
  }

  private numberOf(job: Job): number | undefined {
    try {
      return shardOf(job.data, this.options.plan);
    } catch {
      return undefined; // somebody else's; its worker said so
    }
  }

  private async fill(): Promise<void> {
    const count = Math.min(this.window - this.enqueued.size, this.waiting.length);
    if (count <= 0) return;
    const numbers = this.waiting.slice(-count).reverse();
    await this.add(numbers);
    this.waiting.length -= count;
  }

  private async add(numbers: readonly number[], delay = 0): Promise<void> {
    const { digest } = this.options.plan;
    await this.queue.addBulk(
      numbers.map((shard) => ({
        name: 'shard',
        data: { plan: digest, shard },
        // How often a shard may fail or stall is decided here, so BullMQ counts nothing.
        opts: { jobId: jobId(shard), attempts: 1, removeOnComplete: true, removeOnFail: false, delay },
      })),
    );
    for (const i of numbers) this.enqueued.add(i);
  }

  private async watch(): Promise<void> {
    const active = await this.queue.getActive(0, this.window);
    this.workers = new Set(active.map(({ processedBy }) => processedBy)).size;
    for (const job of active) {
      const number = this.numberOf(job);
      if (number === undefined || this.marks[number]) continue;
      const samples = typeof job.progress === 'number' ? job.progress : 0;
      this.progress(this.shard(number), Math.min(samples, this.shard(number).samples));
    }
    const now = performance.now();
    if (active.length > 0) [this.idleSince, this.told] = [now, false];
    else if (!this.told && now - this.idleSince > 30_000) {
      this.told = true;
      const { server, store } = this.options;
      this.options.notice(
        `no worker has taken a job for 30 s; start some by rxaug worker --queue ${server.address.name} --out ${store.name}`,
      );
    }
  }

  /** Whether a shard is finished now. */
  private async settle(number: number): Promise<boolean> {
    if (this.marks[number]) return true;
    const { plan, store } = this.options;
    const mark = await isDone(store, plan, this.shard(number));
    if (!mark) return false;
    this.marks[number] = mark;
    this.progress(this.shard(number), mark.samples + mark.refused.length, mark);
    return true;
  }

  private shard(number: number): PlanShard {
    return this.options.plan.shards[number] as PlanShard;
  }
}
