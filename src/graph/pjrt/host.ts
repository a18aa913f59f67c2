/** The thread of a plugin, seen from the outside: requests in order, a bounded number of steps at the device. */
import { Worker } from 'node:worker_threads';
import { messageOf, RxaugError, UsageError } from '../../core/index.js';
import {
  BUSY,
  type Named,
  type PjrtInfo,
  type Reply,
  type Request,
  SENT,
  STOP,
  type Start,
  type Task,
} from './protocol.js';

/** How long the end of this process waits for the device, in milliseconds. */
const LAST = 10_000;

interface Waiting {
  readonly request: Request;
  readonly resolve: (values: readonly Named[]) => void;
  readonly reject: (error: Error) => void;
}

export class PjrtHost {
  private readonly signal = new Int32Array(new SharedArrayBuffer(12));
  private readonly worker: Worker;
  /** Not yet sent, in order. */
  private readonly queue: Waiting[] = [];
  private readonly sent = new Map<number, Waiting>();
  private running = 0;
  private nextId = 1;
  private failure: RxaugError | undefined;
  private settle: ((outcome: PjrtInfo | RxaugError) => void) | undefined;
  /** What the plugin is, once it has started. */
  readonly started: Promise<PjrtInfo>;

  constructor(
    private readonly plugin: string,
    options: Start['options'],
    private readonly stepsInFlight: number,
  ) {
    const workerData: Start = { plugin, options, signal: this.signal };
    // Not with the arguments of this process, such as loaders of a test runner.
    this.worker = new Worker(THREAD, { workerData, execArgv: [] });
    this.started = new Promise((resolve, reject) => {
      this.settle = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
    });
    this.started.catch(() => {}); // callers of `started` receive the error
    this.worker.on('message', (reply: Reply) => this.hear(reply));
    this.worker.on('error', (error) => this.end(messageOf(error).split('\n')[0]));
    this.worker.on('exit', (code) => this.end(`exit code ${code}`));
    process.on('exit', this.atExit);
  }

  /** Sends a task behind all earlier ones. Numbers in it must stay as they are until the promise settles. */
  request(task: Task): Promise<readonly Named[]> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      this.queue.push({ request: { ...task, id: this.nextId++ }, resolve, reject });
      this.post();
    });
  }

  /** Destroys all that is on the device, and ends the thread. */
  async close(): Promise<void> {
    if (!this.failure) {
      const closed = this.request({ kind: 'close' });
      await closed.catch(() => {});
    }
    const { plugin } = this;
    this.giveUp(new RxaugError(`PJRT plugin ${plugin}: was closed; open it again to use it`));
    await this.worker.terminate();
  }

  /** Ends the thread as an error in it would, for tests. */
  fail(): void {
    this.wake({ kind: 'fault', id: 0 });
  }

  private post(): void {
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      const isStep = next.request.kind === 'run';
      if (isStep && this.running >= this.stepsInFlight) break;
      this.queue.shift();
      if (isStep) this.running++;
      this.sent.set(next.request.id, next);
      this.wake(next.request);
    }
    this.hold();
  }

  private wake(request: Request): void {
    this.worker.postMessage(request);
    Atomics.add(this.signal, SENT, 1);
    Atomics.notify(this.signal, SENT);
  }

  /** Keeps this process alive only while requests are open. */
  private hold(): void {
    if (this.settle || this.sent.size > 0) this.worker.ref();
    else this.worker.unref();
  }

  private hear(reply: Reply): void {
    if (reply.kind === 'started') {
      this.settle?.(reply.info);
      this.settle = undefined;
    } else if (reply.kind === 'refused') {
      this.giveUp(reply.usage ? new UsageError(reply.message) : new RxaugError(reply.message));
      void this.worker.terminate();
    } else {
      const waiting = this.sent.get(reply.id);
      this.sent.delete(reply.id);
      if (waiting?.request.kind === 'run') this.running--;
      if (reply.kind === 'done') waiting?.resolve(reply.values);
      else waiting?.reject(new RxaugError(reply.message));
    }
    if (!this.failure) this.post();
  }

  private end(why: string): void {
    const fix = 'open it again, set the state from the last checkpoint, or run rxaug doctor';
    this.giveUp(new RxaugError(`PJRT plugin ${this.plugin}: its thread ended (${why}); ${fix}`));
  }

  private giveUp(error: RxaugError): void {
    if (this.failure) return;
    this.failure = error;
    process.off('exit', this.atExit);
    this.settle?.(error);
    this.settle = undefined;
    for (const { reject } of [...this.sent.values(), ...this.queue]) reject(error);
    this.sent.clear();
    this.queue.length = 0;
    this.worker.unref();
  }

  /** The memory of this process goes away with it, and the device may still read or write it. */
  private readonly atExit = (): void => {
    Atomics.store(this.signal, STOP, 1);
    Atomics.add(this.signal, SENT, 1);
    Atomics.notify(this.signal, SENT);
    Atomics.wait(this.signal, BUSY, 1, LAST);
  };
}

/** The built file; if this file runs from source (tests), the one in dist. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/graph/pjrt/thread.js' : './thread.js',
  import.meta.url,
);
