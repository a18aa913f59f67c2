/**
 * A worker with one onnxruntime session, and the requests that are on their way to it. At most `queue` of them
 * are with the worker; who comes later waits until there is room, so a fast caller is held back and memory is
 * bounded. A worker that dies is replaced, and what it had not finished is sent again: a request is a pure
 * function of its inputs, which must stay as they are until it is answered. After three deaths in a row without
 * an answer the model is given up. A crash inside native code takes the whole process with it.
 */
import { Worker } from 'node:worker_threads';
import { messageOf, RxaugError } from '../../core/index.js';
import type { Reply, Request, Shared, WorkerStart } from './protocol.js';

const DEATHS = 3;

export type Outputs = Readonly<Record<string, Shared>>;

interface Pending {
  readonly request: Request;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (error: Error) => void;
}

export class InferenceHost {
  /** With the worker, in the order in which they were sent. */
  private readonly sent = new Map<number, Pending>();
  /** Callers that wait for room. */
  private readonly waiting: (() => void)[] = [];
  private worker: Worker | undefined;
  private nextId = 1;
  private deaths = 0;
  private failure: RxaugError | undefined;
  private started: (() => void) | undefined;
  /** Resolves when the first session is there. */
  readonly ready: Promise<void>;

  constructor(
    /** For sentences. */
    private readonly name: string,
    private readonly start: WorkerStart,
    private readonly queue: number,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.started = () => (this.failure ? reject(this.failure) : resolve());
    });
    this.ready.catch(() => {}); // whoever waits for it hears of it; nobody need
    this.spawn();
  }

  async run(inputs: Request['inputs'], into: Request['into']): Promise<Outputs> {
    while (!this.failure && this.sent.size >= this.queue) {
      await new Promise<void>((go) => this.waiting.push(go));
    }
    if (this.failure) throw this.failure;
    return new Promise((resolve, reject) => {
      const request = { id: this.nextId++, inputs, into };
      this.sent.set(request.id, { request, resolve, reject });
      this.worker?.ref();
      this.worker?.postMessage(request);
    });
  }

  /** The thread at work now, for tests that kill it. */
  get thread(): Worker | undefined {
    return this.worker;
  }

  /** Ends the worker; what is not answered yet is refused. */
  async dispose(): Promise<void> {
    const { worker } = this;
    this.giveUp(new RxaugError(`onnx ${this.name}: was disposed of; make it again to run it`));
    await worker?.terminate();
  }

  private spawn(): void {
    const worker = new Worker(WORKER_URL, { workerData: this.start });
    this.worker = worker;
    if (this.sent.size === 0 && !this.started) worker.unref(); // an idle model keeps no process alive
    let cause = 'it exited';
    worker.on('message', (reply: Reply) => {
      if (this.worker === worker) this.hear(reply);
    });
    worker.on('error', (error) => {
      cause = messageOf(error);
    });
    worker.on('exit', () => {
      if (this.worker === worker) this.replace(cause);
    });
    // Node keeps messages until the worker listens.
    for (const { request } of this.sent.values()) worker.postMessage(request);
  }

  private hear(reply: Reply): void {
    if (reply.kind === 'ready') {
      this.settle();
      return;
    }
    if (reply.kind === 'refused') {
      const { worker } = this;
      this.giveUp(
        new RxaugError(`onnx ${this.name}: onnxruntime does not load it (${reply.why}); export it again`),
      );
      void worker?.terminate();
      return;
    }
    const pending = this.sent.get(reply.id);
    if (!pending) return;
    this.deaths = 0;
    this.sent.delete(reply.id);
    if (this.sent.size === 0) this.worker?.unref();
    if (reply.kind === 'done') pending.resolve(reply.outputs);
    else pending.reject(new RxaugError(`onnx ${this.name}: the run failed (${reply.why}); check the inputs`));
    this.waiting.shift()?.();
  }

  private settle(): void {
    this.started?.();
    this.started = undefined;
    if (this.sent.size === 0) this.worker?.unref();
  }

  private replace(cause: string): void {
    this.worker = undefined;
    if (this.failure) return;
    if (++this.deaths < DEATHS) {
      this.spawn();
      return;
    }
    this.giveUp(
      new RxaugError(
        `onnx ${this.name}: its worker died ${DEATHS} times in a row (${cause}); try a smaller batch, or run rxaug doctor`,
      ),
    );
  }

  private giveUp(error: RxaugError): void {
    this.failure ??= error;
    this.worker = undefined;
    this.settle();
    for (const { reject } of this.sent.values()) reject(this.failure);
    this.sent.clear();
    for (const go of this.waiting.splice(0)) go();
  }
}

/** The built worker; when this file runs from its source (tests), the build beside it. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/graph/infer/worker.js' : './worker.js',
  import.meta.url,
);
