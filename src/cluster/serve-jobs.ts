/**
 * Takes jobs of one queue and has them done until all is finished. This process itself computes nothing, so that locks are
 * renewed in time; a lock that is lost all the same costs one piece of work, which two then do with the same result.
 */
import type { Job } from 'bullmq';
import { messageOf, RxaugError } from '../core/index.js';
import { sleep, within } from './concurrent.js';
import { numberOf, type Origin, type PieceJob } from './jobs.js';
import { Puller } from './puller.js';
import type { Server } from './server.js';
import type { Times } from './times.js';

/** The queue, and who hears of it. */
export interface Taking {
  readonly server: Server;
  readonly times: Times;
  /** Takes no more jobs; those that are begun are finished. */
  readonly signal: AbortSignal;
  status(line: string): void;
  notice(sentence: string): void;
}

export interface Jobs {
  readonly origin: Origin;
  /** How many pieces there are, where that is known. */
  readonly count?: number;
  /** How many are done side by side. */
  readonly places: number;
  /** For messages: 'shards', and what is done with them: 'rendered'. */
  readonly words: { readonly many: string; readonly did: string };
  nameOf(number: number): string;
  /** Does a piece; false if it was done already. */
  carryOut(number: number, job: Job<PieceJob>): Promise<boolean>;
  finished(): Promise<boolean>;
}

/** Pieces that fail one after another before this machine is taken for the reason. */
const MOST_FAILURES = 4;

/**
 * How many pieces were done here, once all is finished or the signal came.
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
      await puller.look();
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
  /** Pieces that were done here. */
  done = 0;
  /** Failures since something succeeded. */
  inARow = 0;
  reason = '';
  private readonly running = new Set<string>();

  constructor(
    private readonly jobs: Jobs,
    private readonly options: Taking,
  ) {}

  async take(job: Job<PieceJob>): Promise<void> {
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

/** Tells the queue how far a job is, once a second at most. */
export function reporter(job: Job<PieceJob>): (progress: number) => void {
  let last = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    // A job that the server has lost, or a server that is away, is noticed elsewhere.
    job.updateProgress(progress).catch(() => undefined);
  };
}
