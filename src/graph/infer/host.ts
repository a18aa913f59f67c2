/**
 * A process with one onnxruntime session, and the requests to it. At most `queue` requests are sent at a time; further
 * callers wait, so memory is bounded. A process that ends is replaced, and its unfinished requests are sent again: a
 * request is a pure function of its inputs, which are in a file (exchange.ts). After three crashes in a row without an
 * answer the model is given up. A request whose run takes more memory than the limit is refused alone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { expected, messageOf, RxaugError, show, UsageError } from '../../core/index.js';
import { closeLanes, collect, type Lane, openLanes, place } from './exchange.js';
import {
  allocate,
  type Outputs,
  type Placed,
  type Reply,
  type Request,
  type Start,
  sizeOf,
  type Tensor,
  type Values,
} from './protocol.js';
import { type OverMemory, overMemory } from './watchdog.js';

const DEATHS = 3;

interface Pending {
  readonly request: Request;
  /** Memory of the caller for outputs, by name. */
  readonly into: Readonly<Record<string, Values>>;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (error: Error) => void;
}

export class InferenceHost {
  /** Requests that were sent, in order. */
  private readonly sent = new Map<number, Pending>();
  /** Callers that wait for the queue. */
  private readonly waiting: (() => void)[] = [];
  /** One for each request of the queue. */
  private readonly lanes: readonly Lane[];
  private child: ChildProcess | undefined;
  private nextId = 1;
  private deaths = 0;
  private failure: RxaugError | undefined;
  private settleStart: (() => void) | undefined;
  /** Resolves when the first session has started. */
  readonly ready: Promise<void>;

  constructor(
    /** Name in messages. */
    private readonly name: string,
    private readonly start: Start,
    private readonly queue: number,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.settleStart = () => (this.failure ? reject(this.failure) : resolve());
    });
    this.lanes = openLanes(queue);
    this.ready.catch(() => {}); // callers of `ready` receive the error
    this.spawn();
  }

  /** Runs a request. Inputs may change once they are sent; `into` has memory for outputs, of their types. */
  async run(inputs: Readonly<Record<string, Tensor>>, into: Pending['into'] = {}): Promise<Outputs> {
    while (!this.failure && this.sent.size >= this.queue) {
      await new Promise<void>((go) => this.waiting.push(go));
    }
    if (this.failure) throw this.failure;
    const taken = new Set([...this.sent.values()].map(({ request }) => request.lane));
    const lane = this.lanes.findIndex((_, i) => !taken.has(i));
    const request = { id: this.nextId++, lane, inputs: this.handOver(lane, inputs) };
    return new Promise((resolve, reject) => {
      this.sent.set(request.id, { request, into, resolve, reject });
      this.hold();
      if (this.child) send(this.child, request);
    });
  }

  /** Id of the current process, for tests that kill it. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Ends the process; unanswered requests are refused. */
  async dispose(): Promise<void> {
    const { child } = this;
    this.giveUp(new RxaugError(`onnx ${this.name}: was disposed of; make it again to run it`));
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, 'exit');
    child.kill('SIGKILL'); // it has nothing to clean up
    await ended;
  }

  private spawn(): void {
    let child: ChildProcess;
    try {
      // Not with the arguments of this process, such as loaders of a test runner.
      child = fork(fileURLToPath(PROCESS), [], {
        serialization: 'advanced',
        execArgv: [],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...this.lanes.flatMap(({ there, back }) => [there, back])],
      });
    } catch (error) {
      this.giveUp(this.noProcess(error));
      return;
    }
    child.on('error', (error) => {
      // Without an id it did not start, and another try would fail too.
      if (child.pid === undefined) this.giveUp(this.noProcess(error));
      else this.replace(child, error.message);
    });
    if (child.pid === undefined) return;
    this.child = child;
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2000);
    });
    (child.stderr as unknown as { unref?(): void } | undefined)?.unref?.();
    child.on('message', (reply: Reply) => {
      if (this.child === child) this.hear(reply);
    });
    // Not 'exit', which may come before the last output.
    child.on('close', (code, signal) => {
      const over = overMemory(output);
      if (over) {
        this.refuseGreedy(child, over);
        return;
      }
      const lines = output.trim().split('\n');
      // If Node crashes, its last line is a version; the cause stands further up.
      const last = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
      this.replace(child, `${signal ?? `exit code ${code}`}${last ? `: ${last}` : ''}`);
    });
    send(child, this.start);
    for (const { request } of this.sent.values()) send(child, request);
    this.hold();
  }

  private noProcess(error: unknown): RxaugError {
    const fix = 'close files, raise the limit of open files (ulimit -n), or free memory';
    return new RxaugError(`onnx ${this.name}: no process can be started (${messageOf(error)}); ${fix}`, {
      cause: error,
    });
  }

  /** Keeps this process alive only while requests are open. */
  private hold(): void {
    if (!this.child) return;
    const busy = this.sent.size > 0 || this.settleStart !== undefined;
    for (const part of [this.child, this.child.channel]) {
      if (busy) part?.ref();
      else part?.unref();
    }
  }

  private hear(reply: Reply): void {
    if (reply.kind === 'ready') {
      this.startIsSettled();
      return;
    }
    if (reply.kind === 'refused') {
      const { child } = this;
      this.giveUp(
        new RxaugError(`onnx ${this.name}: onnxruntime does not load it (${reply.why}); export it again`),
      );
      child?.kill('SIGKILL');
      return;
    }
    const pending = this.sent.get(reply.id);
    if (!pending) return;
    this.deaths = 0;
    this.sent.delete(reply.id);
    this.hold();
    if (reply.kind === 'done') this.answer(pending, reply.outputs);
    else {
      const fix = /\balloc/i.test(reply.why) ? 'run a smaller batch, or free memory' : 'check the inputs';
      pending.reject(new RxaugError(`onnx ${this.name}: the run failed (${reply.why}); ${fix}`));
    }
    this.waiting.shift()?.();
  }

  private handOver(lane: number, inputs: Readonly<Record<string, Tensor>>): Record<string, Placed> {
    try {
      return place(this.lanes[lane].there, inputs);
    } catch (error) {
      this.waiting.shift()?.();
      const fix = `free some space in ${os.tmpdir()}, or set TMPDIR to another folder`;
      throw new RxaugError(
        `onnx ${this.name}: its inputs cannot be handed over (${messageOf(error)}); ${fix}`,
        {
          cause: error,
        },
      );
    }
  }

  private answer(
    { request, into, resolve, reject }: Pending,
    placed: Readonly<Record<string, Placed>>,
  ): void {
    try {
      const { back } = this.lanes[request.lane];
      const outputs = this.start.outputs.map(({ name, dtype }) => {
        const count = sizeOf(placed[name].dims);
        const room = Object.hasOwn(into, name) ? into[name] : allocate(dtype, count);
        if (room.length !== count) {
          const want = `room for ${count} numbers of output ${show(name)}`;
          throw new UsageError(expected(`onnx ${this.name}`, want, room.length));
        }
        return [name, collect(back, placed[name], room)] as const;
      });
      resolve(Object.fromEntries(outputs));
    } catch (error) {
      reject(error as Error);
    }
  }

  private startIsSettled(): void {
    this.settleStart?.();
    this.settleStart = undefined;
    this.hold();
  }

  private replace(child: ChildProcess, cause: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (++this.deaths < DEATHS) {
      this.spawn();
      return;
    }
    const what = `its process died ${DEATHS} times in a row (${cause})`;
    this.giveUp(new RxaugError(`onnx ${this.name}: ${what}; try a smaller batch, or run rxaug doctor`));
  }

  /** Refuses the request of a process that the watchdog ended. */
  private refuseGreedy(child: ChildProcess, { bytes, lane, used }: OverMemory): void {
    if (this.child !== child) return;
    const { memory } = this.start;
    const took = (what: string) =>
      `onnx ${this.name}: ${what} took ${bytes} bytes of memory, and ${memory} are the limit`;
    if (lane === undefined) {
      this.giveUp(new RxaugError(`${took('to load it')}; raise limits.memory if you trust it`));
      return;
    }
    this.child = undefined;
    // Memory kept from earlier runs may have been the larger part, so a new process tries again.
    const greedy = [...this.sent.values()].find(({ request }) => request.lane === lane);
    if (greedy && !used) {
      this.sent.delete(greedy.request.id);
      const fix = 'run a smaller batch, or raise limits.memory if you trust it';
      greedy.reject(new RxaugError(`${took('a run')}; ${fix}`));
      this.waiting.shift()?.();
    }
    this.spawn();
  }

  private giveUp(error: RxaugError): void {
    if (!this.failure) closeLanes(this.lanes);
    this.failure ??= error;
    this.child?.unref();
    this.child?.channel?.unref();
    this.child = undefined;
    this.startIsSettled();
    for (const { reject } of this.sent.values()) reject(this.failure);
    this.sent.clear();
    for (const go of this.waiting.splice(0)) go();
  }
}

/** A process that has ended is replaced at its exit event. */
function send(child: ChildProcess, message: Start | Request): void {
  child.send(message as never, () => {});
}

/** The built file; if this file runs from source (tests), the one in dist. */
const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/graph/infer/process.js' : './process.js',
  import.meta.url,
);
