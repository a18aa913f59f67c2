/** Long work as tasks of plain JSON, done here or by child processes side by side: a crash ends a child, not the work. */
import { type ChildProcess, fork } from 'node:child_process';
import { messageOf, RxaugError, UsageError } from '../index.js';
import { eachLine } from './each-line.js';
import { watchMemory } from './memory.js';

export interface Asked {
  readonly signal: AbortSignal;
  progress(line: string, share: number): void;
}

/** Does one task; undefined if the signal came before it was done. */
export interface Work<Task, Result> {
  (task: Task, asked: Asked): Promise<Result | undefined>;
  /** Ends what it holds, where that does not end with the process. */
  dispose?(): Promise<void>;
}

export interface RunOptions {
  /** For messages. */
  readonly name: string;
  /** Tasks with the same number are done one after another by the same worker: it may keep what they share. */
  readonly slot?: number;
  /** Called when it starts, and each time that it starts again. */
  started?(): void;
  progress?(line: string, share: number): void;
}

export interface Pool<Task, Result> {
  /** How many tasks are done side by side. */
  readonly workers: number;
  /** The result of a task; undefined if the pool was stopped before it was done. */
  run(task: Task, options: RunOptions): Promise<Result | undefined>;
  /** Ends children that are still there. */
  dispose(): Promise<void>;
}

/** Tasks one after another in this process, with all threads of the numeric library. */
export function localPool<Task, Result>(work: Work<Task, Result>, signal: AbortSignal): Pool<Task, Result> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    workers: 1,
    run(task, { started, progress = () => {} }) {
      const result = last.then(() => {
        if (signal.aborted) return undefined;
        started?.();
        return work(task, { signal, progress });
      });
      last = result.catch(() => {});
      return result;
    },
    async dispose() {
      await last;
      await work.dispose?.();
    },
  };
}

export interface ChildOptions {
  /** A module that calls `serveTasks`. */
  readonly module: URL | string;
  /** Arguments, so that process lists show what it belongs to. */
  readonly args?: readonly string[];
  /** Sent to each child before its first task. */
  readonly init: unknown;
  readonly workers: number;
  readonly signal: AbortSignal;
  /** Called when a child died and its task runs again. */
  readonly notice?: (sentence: string) => void;
  /** Name of the command in messages. Default 'search'. */
  readonly owner?: string;
  /** Times that a task is started before the deaths of its child count as its own error. Default 3. */
  readonly attempts?: number;
  /** Bytes of memory from which on a child is ended. Where the system does not give the memory of a process, there is no limit. */
  readonly maxMemory?: number;
  /** Environment of the children, besides that of this process. Default: one thread for the numeric libraries. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line that a child writes to stdout or stderr, behind the name of its task. */
  readonly output?: (line: string) => void;
}

/** A task's child died every time that the task was started. */
export class ChildDied extends RxaugError {
  constructor(
    message: string,
    /** `SIGSEGV`, `code 1`, or `more than 2048 MB of memory`. */
    readonly how: string,
  ) {
    super(message);
  }
}

/** Milliseconds for which the streams of a child are read once it has ended. */
const CLOSING = 500;

/** Each child computes on one thread: side by side they do more, and figures are the same with any number of them. */
export const ONE_THREAD = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  OMP_NUM_THREADS: '1',
  UV_THREADPOOL_SIZE: '2',
};

/** From parent to child: start, do a task, stop. */
export type ToChild =
  | { readonly kind: 'init'; readonly init: unknown }
  | { readonly kind: 'task'; readonly id: number; readonly task: unknown }
  | { readonly kind: 'stop' };

/** From child to parent. */
export type FromChild =
  | { readonly kind: 'progress'; readonly id: number; readonly line: string; readonly share: number }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string; readonly usage: boolean };

interface Job {
  readonly id: number;
  readonly task: unknown;
  readonly options: RunOptions;
  attempts: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Worker {
  child?: ChildProcess;
  job?: Job;
  /** The last line that it wrote to stderr. */
  lastLine: string;
  /** Set where it was ended for its memory. */
  tooLarge?: string;
}

/**
 * Tasks in child processes, so many at once, each limited to one thread of the numeric libraries. A child that dies is
 * replaced and its task starts again, three times at most; an error that a task throws is the task's. Children end with
 * this process, however it ends. Once the signal comes running tasks are asked to stop, and those that wait are dropped.
 */
export function childPool<Task, Result>(options: ChildOptions): Pool<Task, Result> {
  return new Children(options) as Pool<Task, Result>;
}

class Children implements Pool<unknown, unknown> {
  readonly workers: number;
  private readonly all: Worker[];
  private readonly waiting: Job[] = [];
  private ids = 0;
  private closed = false;

  constructor(private readonly options: ChildOptions) {
    this.workers = options.workers;
    this.all = Array.from({ length: options.workers }, () => ({ lastLine: '' }));
    options.signal.addEventListener('abort', this.stop, { once: true });
  }

  run(task: unknown, options: RunOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.closed || this.options.signal.aborted) return resolve(undefined);
      this.waiting.push({ id: this.ids++, task, options, attempts: 0, resolve, reject });
      this.assign();
    });
  }

  async dispose(): Promise<void> {
    this.closed = true;
    this.options.signal.removeEventListener('abort', this.stop);
    await Promise.all(
      this.all.map(({ child }) => {
        if (!child || child.exitCode !== null || child.signalCode !== null) return undefined;
        return new Promise((done) => {
          // With the rest of its output; a process that it left behind may hold its streams open.
          child.once('close', done);
          child.once('exit', () => setTimeout(done, CLOSING).unref());
          child.kill('SIGKILL');
        });
      }),
    );
  }

  private readonly stop = () => {
    for (const job of this.waiting.splice(0)) job.resolve(undefined);
    for (const { child, job } of this.all) if (job) sendTo(child, { kind: 'stop' });
  };

  private assign(): void {
    for (const [place, worker] of this.all.entries()) {
      if (worker.job) continue;
      const at = this.waiting.findIndex(
        ({ options: { slot } }) => slot === undefined || slot % this.workers === place,
      );
      if (at >= 0) this.begin(worker, this.waiting.splice(at, 1)[0] as Job);
    }
  }

  private begin(worker: Worker, job: Job): void {
    job.attempts++;
    job.options.started?.();
    worker.job = job;
    worker.child ??= this.start(worker);
    sendTo(worker.child, { kind: 'task', id: job.id, task: job.task });
  }

  private start(worker: Worker): ChildProcess {
    const child = fork(this.options.module, [...(this.options.args ?? [])], {
      env: { ...process.env, ...(this.options.env ?? ONE_THREAD) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      execArgv: [],
    });
    worker.lastLine = '';
    worker.tooLarge = undefined;
    const { maxMemory } = this.options;
    if (maxMemory !== undefined && child.pid !== undefined) {
      const unwatch = watchMemory(child.pid, maxMemory, () => {
        worker.tooLarge = `more than ${Math.round(maxMemory / 2 ** 20)} MB of memory`;
        child.kill('SIGKILL');
      });
      child.once('exit', unwatch);
    }
    const who = () => worker.job?.options.name ?? `process ${child.pid}`;
    const onLine = (line: string) => this.options.output?.(`${who()}: ${line}`);
    if (child.stdout) eachLine(child.stdout, onLine);
    if (child.stderr)
      eachLine(child.stderr, (line) => {
        worker.lastLine = line;
        onLine(line);
      });
    child.on('message', (message) => this.receive(worker, message as FromChild));
    child.on('error', () => {}); // 'exit' follows, or `sendTo` fails
    child.once('exit', (code, signal) => this.died(worker, child, signal ?? `code ${code}`));
    sendTo(child, { kind: 'init', init: this.options.init });
    return child;
  }

  private receive(worker: Worker, message: FromChild): void {
    const { job } = worker;
    if (!job || job.id !== message.id) return;
    if (message.kind === 'progress') {
      job.options.progress?.(message.line, message.share);
      return;
    }
    worker.job = undefined;
    if (message.kind === 'result') job.resolve(message.result);
    else job.reject(new (message.usage ? UsageError : RxaugError)(message.message));
    this.assign();
  }

  private died(worker: Worker, child: ChildProcess, ended: string): void {
    if (worker.child !== child) return;
    const how = worker.tooLarge ?? ended;
    const { owner = 'search', attempts = 3 } = this.options;
    const { job, lastLine } = worker;
    worker.child = undefined;
    worker.job = undefined;
    if (!job) return;
    const { name } = job.options;
    if (this.closed || this.options.signal.aborted) job.resolve(undefined);
    else if (job.attempts < attempts) {
      this.options.notice?.(`${name}: its process ended by ${how}; it runs again`);
      this.waiting.unshift(job);
    } else {
      job.reject(
        new ChildDied(
          `${owner}: ${name}: its process ended by ${how} ${attempts} times${lastLine ? ` (${lastLine})` : ''}; free memory or lower --workers, then continue with --resume`,
          how,
        ),
      );
    }
    this.assign();
  }
}

/** A child that is gone is noticed by its exit. */
function sendTo(child: ChildProcess | undefined, message: ToChild): void {
  if (child?.connected) child.send(message, () => {});
}

/** The side of a child: `send` answers, `listen` receives what the parent sends. */
export interface Parent {
  send(message: FromChild): void;
  listen(onMessage: (message: ToChild) => void): void;
}

/** Does the tasks of a parent one after another; `prepare` makes what does them of the parent's first message. */
export function serveTasks<Task, Result>(
  parent: Parent,
  prepare: (init: unknown) => Promise<Work<Task, Result>>,
): void {
  let work: Promise<Work<Task, Result>> | undefined;
  let stopping = new AbortController();
  const answer = async (id: number, task: Task) => {
    stopping = new AbortController();
    const { signal } = stopping;
    const progress = (line: string, share: number) => parent.send({ kind: 'progress', id, line, share });
    try {
      const does = await (work as Promise<Work<Task, Result>>);
      // It may have been stopped before it began.
      const result = signal.aborted ? undefined : await does(task, { signal, progress });
      parent.send({ kind: 'result', id, result });
    } catch (error) {
      if (signal.aborted) return parent.send({ kind: 'result', id, result: undefined });
      parent.send({ kind: 'error', id, message: messageOf(error), usage: error instanceof UsageError });
    }
  };
  parent.listen((message) => {
    if (message.kind === 'stop') stopping.abort(new Error('stopped'));
    else if (message.kind === 'task') void answer(message.id, message.task as Task);
    else {
      work = prepare(message.init);
      work.catch(() => {}); // the first task reports it
    }
  });
}
