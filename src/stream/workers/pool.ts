/**
 * Worker threads that render. A worker that dies or hangs is replaced and its jobs are done again; a row
 * that was at hand at three deaths is left out and reported. A crash inside native code takes the whole
 * process with it: threads cannot be shielded from that.
 */
import { Worker } from 'node:worker_threads';
import { messageOf, RxaugError } from '../../core/index.js';
import type { Job, JobResult, RendererOptions } from '../renderer.js';
import { HalfDone, type Runner, Stopped } from './runner.js';
import type { Reply, Request, WorkerStart } from './worker.js';

/** Jobs handed to one worker at a time, so that it goes on while the main thread is busy in a training step. */
const DEPTH = 4;
const DEATHS = 3;
/** Loading modules may take this long. */
const START_SECONDS = 60;

interface Pending {
  readonly id: number;
  readonly job: Job;
  /** Not 0 once nobody wants the result. */
  readonly stop?: Int32Array;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
  /** Deaths by row of the job. */
  readonly deaths: Map<number, number>;
  readonly dropped: Map<number, string>;
  /** A plugin has shown that the job cannot be done. */
  failed?: RxaugError;
}

interface Member {
  readonly worker: Worker;
  readonly at: Int32Array;
  readonly jobs: Map<number, Pending>;
  seen: string;
  /** Looks in a row that saw no progress. */
  still: number;
}

export interface PoolOptions extends RendererOptions {
  readonly workers: number;
  /** A worker that stays at one row for so long counts as dead. Default 60. */
  readonly hangSeconds?: number;
  /** A module that each worker imports first. */
  readonly preload?: string;
}

export class WorkerPool implements Runner {
  private readonly members = new Set<Member>();
  private readonly waiting: Pending[] = [];
  private nextId = 1;
  private disposed = false;
  /** Why the pool gave up. */
  private failure: RxaugError | undefined;
  /** Deaths since a job was finished that no job can have caused; one after the start counts a quarter. */
  private fruitless = 0;
  private readonly watch: NodeJS.Timeout;
  private readonly hangSeconds: number;
  private readonly lookMs: number;

  constructor(private readonly options: PoolOptions) {
    this.hangSeconds = options.hangSeconds ?? 60;
    this.lookMs = Math.min(1000, (1000 * this.hangSeconds) / 4);
    for (let i = 0; i < options.workers; i++) this.spawn();
    this.watch = setInterval(() => this.lookForHangs(), this.lookMs).unref();
  }

  run(job: Job, stop?: Int32Array): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      if (this.disposed) {
        reject(this.failure ?? new RxaugError('pool: expected to be in use but it was disposed'));
        return;
      }
      const id = this.nextId++;
      this.waiting.push({ id, job, stop, resolve, reject, deaths: new Map(), dropped: new Map() });
      this.dispatch();
    });
  }

  /** Lets go of all jobs that were given with this flag; those at hand end at their next row. */
  stop(flag: Int32Array): void {
    Atomics.store(flag, 0, 1);
    const wanted = this.waiting.filter(({ stop }) => stop !== flag);
    const unwanted = this.waiting.filter(({ stop }) => stop === flag);
    this.waiting.splice(0, this.waiting.length, ...wanted);
    for (const { reject } of unwanted) reject(new Stopped());
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    clearInterval(this.watch);
    const left = [...this.waiting.splice(0), ...[...this.members].flatMap(({ jobs }) => [...jobs.values()])];
    for (const { worker } of this.members) void worker.terminate();
    this.members.clear();
    for (const { reject } of left) reject(this.failure ?? new Stopped());
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Threads at work now, for tests that kill them. */
  get threads(): readonly Worker[] {
    return [...this.members].map(({ worker }) => worker);
  }

  private spawn(): void {
    const position = new SharedArrayBuffer(8);
    const { modules, decoder, preload } = this.options;
    const start: WorkerStart = { options: { modules, decoder }, position, preload };
    const worker = new Worker(WORKER_URL, { workerData: start });
    worker.unref(); // jobs at hand keep the process alive, idle workers do not
    const at = new Int32Array(position).fill(-1, 0, 1);
    const member: Member = { worker, at, jobs: new Map(), seen: '', still: 0 };
    let cause = 'it exited';
    worker.on('message', (reply: Reply) => this.settle(member, reply));
    worker.on('error', (error) => {
      cause = messageOf(error);
    });
    worker.on('exit', () => this.bury(member, cause));
    this.members.add(member);
  }

  /** Jobs go to the least busy worker. */
  private dispatch(): void {
    while (this.waiting.length > 0) {
      let idle: Member | undefined;
      for (const member of this.members) if (!idle || member.jobs.size < idle.jobs.size) idle = member;
      if (!idle || idle.jobs.size >= DEPTH) return;
      this.hand(this.waiting.shift() as Pending, idle);
    }
  }

  private hand(pending: Pending, member: Member): void {
    try {
      const { id, stop } = pending;
      member.worker.postMessage({ id, job: without(pending), stop } satisfies Request);
    } catch (error) {
      pending.reject(new RxaugError(`pool: a sample cannot be sent to a worker: ${messageOf(error)}`));
      return;
    }
    if (member.jobs.size === 0) {
      member.worker.ref();
      member.still = 0;
    }
    member.jobs.set(pending.id, pending);
  }

  private settle(member: Member, reply: Reply): void {
    const pending = member.jobs.get(reply.id);
    if (!pending) return;
    member.jobs.delete(reply.id);
    if (member.jobs.size === 0) member.worker.unref();
    this.fruitless = 0;
    if ('result' in reply) pending.resolve(merged(pending, reply.result));
    else pending.reject(new RxaugError(reply.error));
    this.dispatch();
  }

  private bury(member: Member, cause: string, hung = false): void {
    if (!this.members.delete(member) || this.disposed) return;
    const at = Atomics.load(member.at, 0);
    const current = member.jobs.get(at);
    if (!current) this.fruitless += at < 0 ? 1 : 1 / 4;
    else if (current.job.kind !== 'mix') this.lay(current, Atomics.load(member.at, 1), cause, hung);
    else {
      // Done in place: to do it again would mix what is mixed already.
      member.jobs.delete(current.id);
      current.reject(new HalfDone(cause));
    }
    const orphans = [...member.jobs.values()];
    member.jobs.clear(); // what a hung worker may still say is not heard
    for (const { stop, reject, failed } of orphans) {
      if (isSet(stop)) reject(new Stopped());
      else if (failed) reject(failed);
    }
    this.waiting.unshift(...orphans.filter(({ stop, failed }) => !isSet(stop) && !failed));
    if (this.fruitless >= DEATHS) {
      const what = at < 0 ? 'cannot start' : 'do not stay alive';
      this.failure = new RxaugError(`workers ${what} (${cause}); use workers: 0, or run rxaug doctor`);
      this.dispose();
      return;
    }
    this.spawn();
    this.dispatch();
  }

  /** Lays a death to a row; the third one drops it. */
  private lay(pending: Pending, row: number, cause: string, hung: boolean): void {
    const deaths = (pending.deaths.get(row) ?? 0) + 1;
    pending.deaths.set(row, deaths);
    if (deaths < DEATHS) return;
    const { suspect, id } = (pending.job.kind !== 'mix' && pending.job.rows[row]) || {};
    const ended = `ended the worker ${DEATHS} times (${cause})`;
    const more = hung ? ', or raise hangSeconds' : '';
    if (suspect !== undefined) {
      const fix = hung ? 'make it end sooner' : 'keep it from ending its thread';
      pending.failed = new RxaugError(`${suspect}: it ${ended}; ${fix}${more}; sample ${id}`);
      return;
    }
    pending.dropped.set(
      row,
      `its rendering ${ended}; remove the sample, or look at the plugin that renders it${more}`,
    );
  }

  /** Counts looks, not time: a training step that blocks this thread for long must not count against workers. */
  private lookForHangs(): void {
    const { hangSeconds } = this;
    for (const member of this.members) {
      const seen = `${Atomics.load(member.at, 0)}:${Atomics.load(member.at, 1)}`;
      if (member.jobs.size === 0 || seen !== member.seen) {
        member.seen = seen;
        member.still = 0;
        continue;
      }
      const limit = Atomics.load(member.at, 0) < 0 ? Math.max(START_SECONDS, hangSeconds) : hangSeconds;
      if (++member.still * this.lookMs > 1000 * limit) {
        void member.worker.terminate(); // may never come back from a blocked system call: it is replaced at once
        this.bury(member, `no progress in ${limit} s`, true);
      }
    }
  }
}

const isSet = (flag: Int32Array | undefined) => flag !== undefined && Atomics.load(flag, 0) !== 0;

/** The job as it is sent: dropped rows become empty references that fail at once, so that rows keep their places. */
function without({ job, dropped }: Pending): Job {
  if (job.kind === 'mix' || dropped.size === 0) return job;
  return {
    ...job,
    rows: job.rows.map((row, i) => (dropped.has(i) ? { ...row, image: NOTHING, recipe: [] } : row)),
  };
}

const NOTHING = { kind: 'bytes', bytes: new Uint8Array(0) } as const;

function merged({ dropped }: Pending, result: JobResult): JobResult {
  if (dropped.size === 0) return result;
  const failures = result.failures.map((one) => ({ ...one, reason: dropped.get(one.row) ?? one.reason }));
  return { ...result, failures };
}

/** The built worker; when this file runs from its source (tests), the build beside it. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/stream/workers/worker.js' : './worker.js',
  import.meta.url,
);
