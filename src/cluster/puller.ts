/**
 * BullMQ's worker under a watchdog of our own: where jobs wait, a place is free and none is taken, it is replaced by a new
 * one with new connections; where that does not help, and where the server stays away, the process gives up.
 */
import os from 'node:os';
import type { Job, Worker } from 'bullmq';
import { RxaugError } from '../core/index.js';
import { within } from './concurrent.js';
import { type JobData, type Origin, PREFIX, queueName } from './jobs.js';
import { loadBullmq } from './packages.js';
import { again, type Server } from './server.js';
import type { Times } from './times.js';

/** What a puller needs of its surroundings. */
export interface Pulling {
  readonly server: Server;
  readonly times: Times;
  notice(sentence: string): void;
}

/** BullMQ never gives up a job that has stalled: `serveShards` and `serveTrials` decide that. */
const WITHOUT_LIMIT = 1e9;
/** New workers in a row that take nothing. */
const MOST_RESTARTS = 3;
/** Milliseconds that a worker has to close its connections. */
const CLOSING = 5000;

/** Number of jobs that a worker runs concurrently: its name ends with it, so that the server can be asked for it. */
export const placesOf = (name: string): number => Number(/:(\d{1,4})$/.exec(name)?.[1] ?? 1);

/** Machine and process of a worker. */
export const withoutPlaces = (name: string): string => name.replace(/:\d+$/, '');

export class Puller {
  private running = 0;
  /** When a job was taken, or none could be. */
  private free = performance.now();
  private restarts = 0;
  private awaySince: number | undefined;
  private worker: Worker<JobData>;

  private constructor(
    private readonly origin: Origin,
    private readonly options: Pulling,
    private readonly places: number,
    private readonly take: (job: Job<JobData>) => Promise<void>,
    private readonly WorkerClass: typeof Worker,
  ) {
    this.worker = this.open();
  }

  static async start(
    origin: Origin,
    options: Pulling,
    places: number,
    take: (job: Job<JobData>) => Promise<void>,
  ): Promise<Puller> {
    return new Puller(origin, options, places, take, (await loadBullmq()).Worker);
  }

  private open(): Worker<JobData> {
    const { server, times } = this.options;
    const worker = new this.WorkerClass<JobData>(
      queueName(this.origin),
      async (job) => {
        this.running++;
        this.restarts = 0;
        try {
          await this.take(job);
        } finally {
          this.running--;
          this.free = performance.now();
        }
      },
      {
        connection: { ...server.address.options, connectTimeout: 10_000, retryStrategy: again },
        prefix: PREFIX,
        name: `${os.hostname()}:${process.pid}:${this.places}`,
        concurrency: this.places,
        lockDuration: times.lock,
        stalledInterval: times.stalled,
        maxStalledCount: WITHOUT_LIMIT,
        runRetryDelay: 1000,
        removeOnFail: { count: 1000 },
      },
    );
    // `poll` notices an outage once; a lost lock needs no action.
    worker.on('error', () => undefined);
    return worker;
  }

  /** @throws RxaugError where a new start of the process may help and nothing else */
  async poll(): Promise<void> {
    const { server, times, notice } = this.options;
    const now = performance.now();
    let waiting: number;
    try {
      waiting = await this.waiting();
      if (this.awaySince !== undefined) {
        notice(`${server.address.name} answers again`);
        this.free = now;
      }
      this.awaySince = undefined;
    } catch (error) {
      if (this.awaySince === undefined)
        notice(`${server.address.name} does not answer (${server.reason(error)}); running jobs are finished`);
      this.awaySince ??= now;
      if (now - this.awaySince > times.patience)
        throw new RxaugError(
          `worker: ${server.address.name} has not answered for ${Math.round((now - this.awaySince) / 1000)} s (${server.reason(error)}); start the worker again when it does`,
        );
      return;
    }
    if (waiting === 0 || this.running >= this.places) this.free = now;
    if (now - this.free < times.stuck) return;
    if (this.restarts >= MOST_RESTARTS)
      throw new RxaugError(
        `worker: ${waiting} jobs wait at ${server.address.name}, and ${MOST_RESTARTS} new connections got none of them; start the worker again`,
      );
    this.restarts++;
    notice(
      `${waiting} jobs wait and none has come for ${Math.round((now - this.free) / 1000)} s; connecting anew`,
    );
    const old = this.worker;
    this.worker = this.open();
    this.free = now;
    // Its running jobs are finished, and count, though the queue no longer has them as its own.
    void old.close(true).catch(() => undefined);
  }

  private waiting(): Promise<number> {
    return this.options.server.client.llen(`${PREFIX}:${queueName(this.origin)}:wait`);
  }

  /** Takes no more jobs, and waits for those that run. */
  async close(): Promise<void> {
    const closed = this.worker.close();
    closed.catch(() => undefined);
    while (this.running > 0) await within(100, closed);
    if (!(await within(CLOSING, closed))) void this.worker.disconnect().catch(() => undefined);
  }
}
