/**
 * Tasks as jobs of a queue: enqueued a window at a time, and followed until workers have finished them. What is finished is
 * read from the output alone, so a queue that loses its jobs costs time and nothing else.
 */
import type { Job, Queue } from 'bullmq';
import { RxaugError } from '../core/index.js';
import { unreadable } from './attend.js';
import { inTurn } from './concurrent.js';
import { type JobData, jobId, numberOf, type Origin, PREFIX, payloadOf, queueName } from './jobs.js';
import { loadBullmq } from './packages.js';
import { type Pulling, placesOf, withoutPlaces } from './puller.js';

export interface Dispatching<Done> extends Pulling {
  readonly origin: Origin;
  /** The command, for messages. */
  readonly owner: string;
  /** The command that starts a worker, for messages. */
  readonly worker: string;
  /** Number of tasks, where it is known. */
  readonly count?: number;
  /** Jobs in the queue at once. Default 1000. */
  readonly window?: number;
  /** Name of a task in messages. */
  nameOf(number: number): string;
  /** The result of a task, from any worker; undefined if it is not finished. */
  doneOf(number: number): Promise<Done | undefined>;
  onDone(number: number, done: Done): void;
  /** Progress as the worker reported it. */
  onProgress(number: number, progress: number): void;
}

/** Failures of one task, on any workers, after which its reason ends the command. */
const TRIES = 4;
/** Files that are read concurrently. */
export const READS = 16;
/** Milliseconds without an active job before a notice says so. */
const UNTAKEN = 30_000;

export class Dispatch<Done> {
  /** Workers that had a job at the last poll. */
  active = 0;
  /** Not finished and not enqueued: a stack, the first task on top. */
  private waiting: number[] = [];
  private readonly enqueued = new Set<number>();
  /** All tasks that this process pushed; other jobs in the queue are not its own. */
  private readonly pushed = new Set<number>();
  private readonly done = new Set<number>();
  private readonly failures = new Map<number, number>();
  private idleSince = performance.now();
  private idleNoticed = false;

  private constructor(
    private readonly options: Dispatching<Done>,
    private readonly queue: Queue<JobData>,
  ) {}

  static async open<Done>(options: Dispatching<Done>): Promise<Dispatch<Done>> {
    const { Queue } = await loadBullmq();
    const queue = new Queue<JobData>(queueName(options.origin), {
      connection: options.server.client,
      prefix: PREFIX,
      streams: { events: { maxLen: 1000 } },
    });
    queue.on('error', () => undefined); // what matters fails where it is asked for
    return new Dispatch(options, queue);
  }

  get finished(): boolean {
    return this.waiting.length === 0 && this.enqueued.size === 0;
  }

  /** Adds tasks behind those that wait; the next polls enqueue them in this order. */
  push(numbers: readonly number[]): void {
    if (this.finished) [this.idleSince, this.idleNoticed] = [performance.now(), false];
    for (const number of numbers) this.pushed.add(number);
    this.waiting = [...numbers].reverse().concat(this.waiting);
  }

  /** Workers that are connected, and the number of tasks that they run concurrently. */
  async connected(): Promise<{ readonly workers: number; readonly places: number }> {
    const names = (await this.queue.getWorkers()).map(({ rawname = '' }) => placesOf(rawname));
    return { workers: names.length, places: names.reduce((sum, one) => sum + one, 0) };
  }

  /** One round: retries what failed, collects what left the queue, enqueues what comes next, and reads progress. */
  async poll(): Promise<void> {
    await this.retryFailed();
    await this.collect();
    await this.fill();
    if (!this.finished) await this.watch();
  }

  /** Whether a task is finished; reports it the first time. */
  async settle(number: number): Promise<boolean> {
    if (this.done.has(number)) return true;
    const done = await this.options.doneOf(number).catch((error) => {
      throw unreadable(error);
    });
    if (done === undefined) return false;
    this.done.add(number);
    this.options.onDone(number, done);
    return true;
  }

  /** Ends the connection, and removes the queue unless it is still needed. */
  async close(needed: boolean): Promise<void> {
    // Fails where the server is away; it then holds nothing that is still needed.
    if (!needed) await this.queue.obliterate({ force: true }).catch(() => undefined);
    await this.queue.close().catch(() => undefined);
  }

  /** Jobs that are no longer in the queue are finished, or were lost. */
  private async collect(): Promise<void> {
    const numbers = [...this.enqueued];
    if (numbers.length === 0) return;
    const { server, origin, notice } = this.options;
    const pipeline = server.client.pipeline();
    for (const i of numbers) pipeline.exists(this.queue.toKey(jobId(origin, i)));
    const there = (await pipeline.exec()) ?? [];
    const gone = numbers.filter((_, at) => {
      const [error, exists] = there[at] ?? [new Error('no answer')];
      if (error) throw error;
      return exists === 0;
    });
    let lost = 0;
    await inTurn(gone, READS, async (i) => {
      // It stays where it is if its result cannot be read now.
      const done = await this.settle(i);
      this.enqueued.delete(i);
      if (done) return;
      this.waiting.push(i);
      lost++;
    });
    if (lost > 0)
      notice(
        `${lost} ${lost === 1 ? 'job is' : 'jobs are'} in the queue no more and not finished; enqueued again`,
      );
  }

  /** Enqueues a failed task again, with a delay; one that fails too often ends the command. */
  private async retryFailed(): Promise<void> {
    const { owner, times, notice } = this.options;
    // All of them: those of others stay there, and must not hide our own.
    for (const job of await this.queue.getFailed(0, -1)) {
      const number = this.numberOf(job);
      if (number === undefined) continue;
      await job.remove();
      if (await this.settle(number)) continue;
      const count = (this.failures.get(number) ?? 0) + 1;
      this.failures.set(number, count);
      const name = this.options.nameOf(number);
      if (count >= TRIES)
        throw new RxaugError(
          `${owner}: ${name} failed ${count} times, the last time because: ${job.failedReason}`,
        );
      notice(
        `${name} failed${job.processedBy ? ` on ${withoutPlaces(job.processedBy)}` : ''}: ${job.failedReason}; it is tried again`,
      );
      // One in `waiting` is enqueued in its turn.
      if (this.enqueued.has(number)) await this.add([number], times.look * 2 ** count);
    }
  }

  private numberOf(job: Job): number | undefined {
    let number: number | undefined;
    try {
      number = numberOf(job.data, this.options.origin, this.options.count);
    } catch {
      // Its worker has reported it.
    }
    return number !== undefined && (this.pushed.has(number) || this.done.has(number)) ? number : undefined;
  }

  private async fill(): Promise<void> {
    const { window = 1000 } = this.options;
    const count = Math.min(window - this.enqueued.size, this.waiting.length);
    if (count <= 0) return;
    const numbers = this.waiting.slice(-count).reverse();
    await this.add(numbers);
    // What was pushed in the meantime is below.
    this.waiting.length -= count;
  }

  private async add(numbers: readonly number[], delay = 0): Promise<void> {
    const { origin } = this.options;
    await this.queue.addBulk(
      numbers.map((number) => ({
        name: origin.kind,
        data: payloadOf(origin, number),
        // Limits of failures and stalls are set here, not by BullMQ.
        opts: {
          jobId: jobId(origin, number),
          attempts: 1,
          removeOnComplete: true,
          removeOnFail: false,
          delay,
        },
      })),
    );
    for (const i of numbers) this.enqueued.add(i);
  }

  private async watch(): Promise<void> {
    const { window = 1000, worker, notice, onProgress } = this.options;
    const active = await this.queue.getActive(0, window);
    this.active = new Set(active.map(({ processedBy }) => processedBy)).size;
    for (const job of active) {
      const number = this.numberOf(job);
      if (number === undefined || this.done.has(number) || !this.enqueued.has(number)) continue;
      onProgress(number, typeof job.progress === 'number' ? job.progress : 0);
    }
    const now = performance.now();
    if (active.length > 0) [this.idleSince, this.idleNoticed] = [now, false];
    else if (!this.idleNoticed && now - this.idleSince > UNTAKEN) {
      this.idleNoticed = true;
      notice(`no worker has taken a job for 30 s; start some by ${worker}`);
    }
  }
}
