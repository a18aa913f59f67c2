/** A worker thread of the pool: renders the jobs it is sent, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, RxaugError } from '../core/index.js';
import { type Job, type JobResult, Renderer, type RendererOptions } from './renderer.js';

/** What a worker is started with. */
export interface WorkerStart {
  readonly options: RendererOptions;
  /** Two 32-bit words that the pool reads when this worker dies: the job it was at, and the row. */
  readonly position: SharedArrayBuffer;
}

export interface Request {
  readonly id: number;
  readonly job: Job;
}

export type Reply =
  | { readonly id: number; readonly result: JobResult }
  | { readonly id: number; readonly error: string; readonly ours: boolean };

const port = parentPort;
if (!port) throw new Error('stream/worker: expected to run as a worker thread; use the pool');
const { options, position } = workerData as WorkerStart;
const at = new Int32Array(position);
const renderer = Renderer.create(options);
let last: Promise<void> = Promise.resolve();

async function work({ id, job }: Request): Promise<void> {
  let reply: Reply;
  try {
    Atomics.store(at, 1, 0);
    Atomics.store(at, 0, id);
    const result = await (await renderer).run(job, (row) => Atomics.store(at, 1, row));
    reply = { id, result };
  } catch (error) {
    reply = { id, error: messageOf(error), ours: error instanceof RxaugError };
  }
  Atomics.store(at, 0, 0);
  port?.postMessage(reply);
}

port.on('message', (request: Request) => {
  last = last.then(() => work(request));
});
