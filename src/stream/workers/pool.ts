/**
 * Worker threads that render. A worker that crashes or hangs is replaced and its jobs are run again. A row that was
 * being rendered in three crashes is left out and reported. A crash inside native code ends the whole process: threads
 * give no protection from that.
 */
import { Worker } from 'node:worker_threads';
import { messageOf, RxaugError } from '../../core/index.js';
import type { Job, JobResult, RendererOptions } from '../renderer.js';
import { AbortedError, PartialMixError, type Runner } from './runner.js';
import type { Reply, Request, WorkerStart } from './worker.js';

/** Jobs handed to one worker at a time, to keep it busy during a training step on the main thread. */
const DEPTH = 4;
/** Crashes after which a row, or the pool, is given up. */
const MAX_CRASHES = 3;
/** Time limit for loading modules. */
const START_SECONDS = 60;

interface Pending {
  readonly id: number;
  readonly job: Job;
  /** Not 0 once the job is canceled. */
  readonly stop?: Int32Array;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
  /** Crashes by row of the job. */
  readonly crashes: Map<number, number>;
  readonly dropped: Map<number, string>;
  /** Set once a plugin has made the job impossible. */
  failed?: RxaugError;
}

interface Member {
  readonly worker: Worker;
  readonly at: Int32Array;
  readonly jobs: Map<number, Pending>;
  /** Job and row at the last health check. */
  lastPosition: string;
  /** Consecutive health checks without progress. */
  staleChecks: number;
}

export interface PoolOptions extends RendererOptions {
  readonly workers: number;
  /** Seconds at one row after which a worker is replaced. Default 60. */
  readonly hangSeconds?: number;
  /** Module that each worker imports first. */
  readonly preload?: string;
}

export class WorkerPool implements Runner {
  private readonly members = new Set<Member>();
  private readonly waiting: Pending[] = [];
  private nextId = 1;
  private disposed = false;
  /** Why the pool closed itself. */
  private failure: RxaugError | undefined;
  /** Crashes since the last finished job that no job explains; a crash after start-up counts ¼. */
  private unexplainedCrashes = 0;
  private readonly watch: NodeJS.Timeout;
  private readonly hangSeconds: number;
  private readonly checkMs: number;

  constructor(private readonly options: PoolOptions) {
    this.hangSeconds = options.hangSeconds ?? 60;
    this.checkMs = Math.min(1000, (1000 * this.hangSeconds) / 4);
    for (let i = 0; i < options.workers; i++) this.spawn();
    this.watch = setInterval(() => this.checkForHangs(), this.checkMs).unref();
  }

  run(job: Job, stop?: Int32Array): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      if (this.disposed) {
        reject(this.failure ?? new RxaugError('worker pool is closed'));
        return;
      }
      const id = this.nextId++;
      this.waiting.push({ id, job, stop, resolve, reject, crashes: new Map(), dropped: new Map() });
      this.dispatch();
    });
  }

  /** Cancels all jobs with this flag; a job that is running stops at its next row. */
  stop(flag: Int32Array): void {
    Atomics.store(flag, 0, 1);
    const kept = this.waiting.filter(({ stop }) => stop !== flag);
    const canceled = this.waiting.filter(({ stop }) => stop === flag);
    this.waiting.splice(0, this.waiting.length, ...kept);
    for (const { reject } of canceled) reject(new AbortedError());
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    clearInterval(this.watch);
    const left = [...this.waiting.splice(0), ...[...this.members].flatMap(({ jobs }) => [...jobs.values()])];
    for (const { worker } of this.members) void worker.terminate();
    this.members.clear();
    for (const { reject } of left) reject(this.failure ?? new AbortedError());
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Running threads; tests kill them. */
  get threads(): readonly Worker[] {
    return [...this.members].map(({ worker }) => worker);
  }

  private spawn(): void {
    const position = new SharedArrayBuffer(8);
    const { modules, decoder, preload } = this.options;
    const start: WorkerStart = { options: { modules, decoder }, position, preload };
    const worker = new Worker(WORKER_URL, { workerData: start });
    worker.unref(); // running jobs keep the process alive, idle workers do not
    const at = new Int32Array(position).fill(-1, 0, 1);
    const member: Member = { worker, at, jobs: new Map(), lastPosition: '', staleChecks: 0 };
    let cause = 'it exited';
    worker.on('message', (reply: Reply) => this.settle(member, reply));
    worker.on('error', (error) => {
      cause = messageOf(error);
    });
    worker.on('exit', () => this.onExit(member, cause));
    this.members.add(member);
  }

  /** Jobs go to the least busy worker. */
  private dispatch(): void {
    while (this.waiting.length > 0) {
      let idle: Member | undefined;
      for (const member of this.members) if (!idle || member.jobs.size < idle.jobs.size) idle = member;
      if (!idle || idle.jobs.size >= DEPTH) return;
      this.send(this.waiting.shift() as Pending, idle);
    }
  }

  private send(pending: Pending, member: Member): void {
    try {
      const { id, stop } = pending;
      member.worker.postMessage({ id, job: without(pending), stop } satisfies Request);
    } catch (error) {
      pending.reject(new RxaugError(`worker pool: a sample cannot be sent to a worker: ${messageOf(error)}`));
      return;
    }
    if (member.jobs.size === 0) {
      member.worker.ref();
      member.staleChecks = 0;
    }
    member.jobs.set(pending.id, pending);
  }

  private settle(member: Member, reply: Reply): void {
    const pending = member.jobs.get(reply.id);
    if (!pending) return;
    member.jobs.delete(reply.id);
    if (member.jobs.size === 0) member.worker.unref();
    this.unexplainedCrashes = 0;
    if ('result' in reply) pending.resolve(merged(pending, reply.result));
    else pending.reject(new RxaugError(reply.error));
    this.dispatch();
  }

  private onExit(member: Member, cause: string, hung = false): void {
    if (!this.members.delete(member) || this.disposed) return;
    const at = Atomics.load(member.at, 0);
    const current = member.jobs.get(at);
    if (!current) this.unexplainedCrashes += at < 0 ? 1 : 1 / 4;
    else if (current.job.kind !== 'mix') this.blameRow(current, Atomics.load(member.at, 1), cause, hung);
    else {
      // A mix job works in place: run again, it would mix rows that are mixed already.
      member.jobs.delete(current.id);
      current.reject(new PartialMixError(cause));
    }
    const orphans = [...member.jobs.values()];
    member.jobs.clear(); // later messages of a hung worker are ignored
    for (const { stop, reject, failed } of orphans) {
      if (isSet(stop)) reject(new AbortedError());
      else if (failed) reject(failed);
    }
    this.waiting.unshift(...orphans.filter(({ stop, failed }) => !isSet(stop) && !failed));
    if (this.unexplainedCrashes >= MAX_CRASHES) {
      const what = at < 0 ? 'cannot start' : 'do not stay alive';
      this.failure = new RxaugError(`workers ${what} (${cause}); use workers: 0, or run rxaug doctor`);
      this.dispose();
      return;
    }
    this.spawn();
    this.dispatch();
  }

  /** Counts a crash against a row; the third one drops the row. */
  private blameRow(pending: Pending, row: number, cause: string, hung: boolean): void {
    const crashes = (pending.crashes.get(row) ?? 0) + 1;
    pending.crashes.set(row, crashes);
    if (crashes < MAX_CRASHES) return;
    const { suspect, id } = (pending.job.kind !== 'mix' && pending.job.rows[row]) || {};
    const ended = `ended the worker ${MAX_CRASHES} times (${cause})`;
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

  /** Counts checks, not time: a long training step on this thread must not count against the workers. */
  private checkForHangs(): void {
    const { hangSeconds } = this;
    for (const member of this.members) {
      const position = `${Atomics.load(member.at, 0)}:${Atomics.load(member.at, 1)}`;
      if (member.jobs.size === 0 || position !== member.lastPosition) {
        member.lastPosition = position;
        member.staleChecks = 0;
        continue;
      }
      const limit = Atomics.load(member.at, 0) < 0 ? Math.max(START_SECONDS, hangSeconds) : hangSeconds;
      if (++member.staleChecks * this.checkMs > 1000 * limit) {
        void member.worker.terminate(); // may never return from a blocked system call, so it is replaced at once
        this.onExit(member, `no progress in ${limit} s`, true);
      }
    }
  }
}

const isSet = (flag: Int32Array | undefined) => flag !== undefined && Atomics.load(flag, 0) !== 0;

/** The job as sent: dropped rows become empty references that fail at once. All rows keep their places. */
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

/** The built worker; when this file runs from source (tests), the one in dist. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/stream/workers/worker.js' : './worker.js',
  import.meta.url,
);
