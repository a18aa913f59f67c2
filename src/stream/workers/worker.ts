/** A worker thread of the pool: renders the jobs it is sent, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../core/index.js';
import { type Job, type JobResult, Renderer, type RendererOptions } from '../renderer.js';
import { AbortedError } from './runner.js';

/** What a worker is started with. */
export interface WorkerStart {
  readonly options: RendererOptions;
  /** Imported first: lets the thread import TypeScript. */
  readonly preload?: string;
  /** Two 32-bit words that the pool reads when this worker ends: its job (0 none, −1 not started) and its row. */
  readonly position: SharedArrayBuffer;
}

export interface Request {
  readonly id: number;
  readonly job: Job;
  /** Set by the pool when the job is canceled. */
  readonly stop?: Int32Array;
}

export type Reply =
  | { readonly id: number; readonly result: JobResult }
  | { readonly id: number; readonly error: string };

const port = parentPort;
if (!port) throw new Error('stream/worker: expected to run as a worker thread; use the pool');
const { options, position, preload } = workerData as WorkerStart;
const at = new Int32Array(position);
if (preload !== undefined) await import(preload);
const renderer = await Renderer.create(options); // a failure here ends the worker with its reason
Atomics.store(at, 0, 0);
let last: Promise<void> = Promise.resolve();

async function work({ id, job, stop }: Request): Promise<void> {
  let reply: Reply;
  try {
    Atomics.store(at, 1, 0);
    Atomics.store(at, 0, id);
    const result = await renderer.run(job, (row) => {
      Atomics.store(at, 1, row);
      if (stop && Atomics.load(stop, 0) !== 0) throw new AbortedError();
    });
    reply = { id, result };
  } catch (error) {
    reply = { id, error: messageOf(error) };
  }
  port?.postMessage(reply); // first: a job without a reply would be run again
  Atomics.store(at, 0, 0);
}

port.on('message', (request: Request) => {
  last = last.then(() => work(request));
});
