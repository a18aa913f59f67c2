/**
 * Takes jobs of one queue and has them done until all are finished. This process itself computes nothing, so that locks are
 * renewed in time; where a lock is lost all the same two workers do one task, with the same result.
 */
import type { Job } from 'bullmq';
import { messageOf, RxaugError } from '../core/index.js';
import { sleep, within } from './concurrent.js';
import { type JobData, numberOf, type Origin } from './jobs.js';
import { Puller, type Pulling } from './puller.js';

/** The queue, and where its state is reported. */
export interface Taking extends Pulling {
  /** Once it comes no more jobs are taken; those that run are finished. */
  readonly signal: AbortSignal;
  status(line: string): void;
}

export interface Jobs {
  readonly origin: Origin;
  /** Number of tasks, where it is known. */
  readonly count?: number;
  /** Number of tasks that run concurrently. */
  readonly places: number;
  /** For messages: 'shards', and what is done with them: 'rendered'. */
  readonly words: { readonly many: string; readonly did: string };
  nameOf(number: number): string;
  /** Does a task; false if it was finished already. */
  carryOut(number: number, job: Job<JobData>): Promise<boolean>;
  finished(): Promise<boolean>;
}

/** Consecutive failures after which this machine is taken to be the cause. */
const MOST_FAILURES = 4;

/**
 * The number of tasks that were done here, once all are finished or the signal came.
 *
 * @throws RxaugError for what a supervisor may cure by a new start: a server that stays away, and a machine on which nothing
 *   succeeds
 */
export async function serveJobs(jobs: Jobs, options: Taking): Promise<number> {
  const { signal, times } = options;
  const taker = new Taker(jobs, options);
  const puller = await Puller.start(jobs.origin, options, jobs.places, (job) => taker.take(job));
  try {
    while (!signal.aborted && !(await jobs.finished())) {
      await puller.poll();
      taker.report();
      if (taker.inARow >= MOST_FAILURES)
        throw new RxaugError(
          `worker: ${MOST_FAILURES} ${jobs.words.many} failed here one after another, the last one because: ${taker.reason}; mend this machine, then start the worker again`,
        );
      await within(times.look, sleep(times.look, signal));
    }
  } finally {
    await puller.close();
  }
  return taker.done;
}

class Taker {
  /** Tasks that were done here. */
  done = 0;
  /** Failures since the last success. */
  inARow = 0;
  reason = '';
  private readonly running = new Set<string>();

  constructor(
    private readonly jobs: Jobs,
    private readonly options: Taking,
  ) {}

  async take(job: Job<JobData>): Promise<void> {
    const { jobs } = this;
    const { notice } = this.options;
    let number: number;
    let name: string;
    try {
      number = numberOf(job.data, jobs.origin, jobs.count);
      name = jobs.nameOf(number);
    } catch (error) {
      notice(messageOf(error));
      throw error;
    }
    this.running.add(name);
    try {
      if (!(await jobs.carryOut(number, job))) return;
      this.done++;
      this.inARow = 0;
    } catch (error) {
      this.inARow++;
      this.reason = messageOf(error);
      notice(`${name}: ${this.reason}`);
      throw error;
    } finally {
      this.running.delete(name);
    }
  }

  report(): void {
    const { many, did } = this.jobs.words;
    const now = this.running.size > 0 ? `, now ${[...this.running].join(', ')}` : '';
    this.options.status(`${this.done} ${many} ${did}${now}`);
  }
}

/** Updates the progress of a job, once a second at most. */
export function reporter(job: Job<JobData>): (progress: number) => void {
  let last = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    // A job that the server has lost, or a server that is away, is noticed elsewhere.
    job.updateProgress(progress).catch(() => undefined);
  };
}
