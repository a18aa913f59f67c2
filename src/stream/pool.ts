/**
 * Worker threads that render. A worker that dies or hangs is replaced and its jobs are done again; a row
 * that was at hand at three deaths is left out and reported. A crash inside native code takes the whole
 * process with it: threads cannot be shielded from that.
 */
import { Worker } from 'node:worker_threads';
import { RxaugError } from '../core/index.js';
import type { Job, JobResult, RendererOptions } from './renderer.js';
import type { Runner } from './runner.js';
import type { Reply, Request, WorkerStart } from './worker.js';

/** Jobs handed to one worker at a time, so that it goes on while the main thread is busy in a training step. */
const DEPTH = 4;
const DEATHS = 3;

interface Pending {
  readonly id: number;
  readonly job: Job;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
  /** Deaths by row of the job. */
  readonly deaths: Map<number, number>;
  readonly dropped: Map<number, string>;
}

interface Member {
  readonly worker: Worker;
  readonly at: Int32Array;
  readonly jobs: Map<number, Pending>;
  seen: string;
  since: number;
}

export interface PoolOptions extends RendererOptions {
  readonly workers: number;
  /** A worker that stays at one row for so long counts as dead. Default 60. */
  readonly hangSeconds?: number;
}

export class WorkerPool implements Runner {
  private readonly members = new Set<Member>();
  private readonly waiting: Pending[] = [];
  private nextId = 1;
  private disposed = false;
  /** Deaths in a row without a single finished job: a worker that cannot even start. */
  private fruitless = 0;
  private readonly watch: NodeJS.Timeout;

  constructor(private readonly options: PoolOptions) {
    for (let i = 0; i < options.workers; i++) this.spawn();
    this.watch = setInterval(() => this.lookForHangs(), 1000).unref();
  }

  run(job: Job): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      if (this.disposed) {
        reject(new RxaugError('pool: expected to be in use but it was disposed'));
        return;
      }
      const id = this.nextId++;
      this.waiting.push({ id, job, resolve, reject, deaths: new Map(), dropped: new Map() });
      this.dispatch();
    });
  }

  dispose(): void {
    this.disposed = true;
    clearInterval(this.watch);
    for (const { worker } of this.members) void worker.terminate();
    this.members.clear();
    this.waiting.length = 0;
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
    const { modules, decoder } = this.options;
    const start: WorkerStart = { options: { modules, decoder }, position };
    const worker = new Worker(WORKER_URL, { workerData: start });
    worker.unref(); // jobs at hand keep the process alive, idle workers do not
    const member: Member = {
      worker,
      at: new Int32Array(position),
      jobs: new Map(),
      seen: '',
      since: Date.now(),
    };
    let cause = 'it exited';
    worker.on('message', (reply: Reply) => this.settle(member, reply));
    worker.on('error', (error) => {
      cause = error.message;
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
      const pending = this.waiting.shift() as Pending;
      if (idle.jobs.size === 0) {
        idle.worker.ref();
        idle.since = Date.now();
      }
      idle.jobs.set(pending.id, pending);
      idle.worker.postMessage({ id: pending.id, job: without(pending) } satisfies Request);
    }
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

  private bury(member: Member, cause: string): void {
    if (!this.members.delete(member) || this.disposed) return;
    const current = member.jobs.get(Atomics.load(member.at, 0));
    if (current) this.lay(current, Atomics.load(member.at, 1), cause);
    else this.fruitless++;
    if (this.fruitless >= DEATHS) {
      this.giveUp(cause);
      return;
    }
    this.waiting.unshift(...member.jobs.values());
    this.spawn();
    this.dispatch();
  }

  /** Lays a death to a row; the third one drops it. */
  private lay(pending: Pending, row: number, cause: string): void {
    const deaths = (pending.deaths.get(row) ?? 0) + 1;
    pending.deaths.set(row, deaths);
    if (deaths >= DEATHS) {
      pending.dropped.set(
        row,
        `its rendering ended the worker ${DEATHS} times (${cause}); remove the sample, or look at the plugin that renders it`,
      );
    }
  }

  private giveUp(cause: string): void {
    const error = new RxaugError(`workers cannot start (${cause}); use workers: 0, or run rxaug doctor`);
    for (const pending of this.waiting.splice(0)) pending.reject(error);
    for (const member of this.members) for (const pending of member.jobs.values()) pending.reject(error);
    this.dispose();
  }

  private lookForHangs(): void {
    const limit = 1000 * (this.options.hangSeconds ?? 60);
    for (const member of this.members) {
      const seen = `${Atomics.load(member.at, 0)}:${Atomics.load(member.at, 1)}`;
      if (member.jobs.size === 0 || seen !== member.seen) {
        member.seen = seen;
        member.since = Date.now();
      } else if (Date.now() - member.since > limit) {
        void member.worker.terminate(); // may never come back from a blocked system call: it is replaced at once
        this.bury(member, `no progress in ${limit / 1000} s`);
      }
    }
  }
}

/** The job as it is sent: dropped rows become empty references that fail at once, so that rows keep their places. */
function without({ job, dropped }: Pending): Job {
  if (job.kind !== 'render' || dropped.size === 0) return job;
  return {
    ...job,
    rows: job.rows.map((row, i) => (dropped.has(i) ? { ...row, image: NOTHING, recipe: [] } : row)),
  };
}

const NOTHING = { kind: 'bytes', bytes: new Uint8Array(0) } as const;

function merged({ dropped }: Pending, result: JobResult): JobResult {
  if (dropped.size === 0) return result;
  const failures = result.failures.map(({ row, reason }) => ({ row, reason: dropped.get(row) ?? reason }));
  return { ...result, failures };
}

/** The built worker; when this file runs from its source (tests), the build beside it. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/stream/worker.js' : './worker.js',
  import.meta.url,
);
