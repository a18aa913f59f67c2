/**
 * The process in which onnxruntime runs. A run blocks its thread, so it must not be the main thread. A worker thread is no
 * solution: ending it during a run makes onnxruntime-node abort the whole process, and so does a crash of native code.
 * The process makes one session and answers requests in order. It ends with its parent.
 */
import { once } from 'node:events';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { messageOf } from '../../core/index.js';
import type { OnnxDtype } from '../onnx/dtypes.js';
import { collect, inheritedLane, place } from './exchange.js';
import {
  allocate,
  type Placed,
  type Reply,
  type Request,
  type Start,
  sizeOf,
  type Tensor,
} from './protocol.js';
import { ANSWERED, IDLE, LOADING, TASK, type WatchdogData } from './watchdog.js';
import { fromWire, toWire, type Wire } from './wire.js';

const ort = await import('onnxruntime-node');
const send = (reply: Reply) => process.send?.(reply);

/** Shared with the watchdog. */
const state = new Int32Array(new SharedArrayBuffer(8));

/** Sets the task; the watchdog checks memory while it is not IDLE. */
function setTask(task: number): void {
  Atomics.store(state, TASK, task);
  if (task !== IDLE) Atomics.notify(state, TASK);
}

let last: Promise<unknown> = Promise.resolve();
let answer: ((request: Request) => Promise<void>) | undefined;

process.on('message', (message: Start | Request) => {
  last = last.then(async () => {
    if ('id' in message) await answer?.(message);
    else answer = await begin(message);
  });
});

async function watchMemory(limit: number): Promise<void> {
  const workerData: WatchdogData = { state, limit };
  const watchdog = new Worker(new URL('./watchdog.js', import.meta.url), { workerData });
  watchdog.unref(); // the process ends when its parent does
  await once(watchdog, 'online');
}

async function begin(start: Start): Promise<typeof answer> {
  await watchMemory(start.memory);
  setTask(LOADING);
  if (start.preload !== undefined) await import(start.preload);
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(start.model, {
      executionProviders: [start.provider],
      intraOpNumThreads: start.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      // Spinning threads would take cores from rendering the next batch.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    send({ kind: 'refused', why: messageOf(error).split('\n')[0] });
    return undefined;
  }
  setTask(IDLE);
  send({ kind: 'ready' });
  return async (request) => {
    setTask(request.lane + 1);
    const reply = await replyTo(session, start, request);
    setTask(IDLE);
    Atomics.store(state, ANSWERED, 1);
    send(reply);
  };
}

async function replyTo(session: InferenceSession, start: Start, request: Request): Promise<Reply> {
  try {
    return { kind: 'done', id: request.id, outputs: await run(session, start, request) };
  } catch (error) {
    return { kind: 'failed', id: request.id, why: messageOf(error).split('\n')[0] };
  }
}

/** Runs a request in parts of `batch` rows, so results do not depend on other requests. */
async function run(
  session: InferenceSession,
  start: Start,
  { inputs: placed, lane }: Request,
): Promise<Record<string, Placed>> {
  const { there, back } = inheritedLane(lane);
  const inputs = Object.fromEntries(
    start.inputs.map(({ name, dtype }) => {
      const room = allocate(dtype, sizeOf(placed[name].dims));
      return [name, collect(there, placed[name], room)];
    }),
  );
  const open = start.inputs.filter(({ shape }) => shape?.[0] === null).map(({ name }) => name);
  const rows = open.length > 0 ? inputs[open[0]].dims[0] : 0;
  const parts = open.length > 0 ? Math.max(1, Math.ceil(rows / start.batch)) : 1;
  const names = start.outputs.map(({ name }) => name);
  const outputs = new Map<string, Tensor>();
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part * start.batch, Math.min(rows, (part + 1) * start.batch)];
    const feeds = Object.fromEntries(
      start.inputs.map(({ name, dtype }) => {
        const whole = inputs[name];
        return [name, tensorOf(name, dtype, parts > 1 && open.includes(name) ? cut(whole, from, to) : whole)];
      }),
    );
    const made = await session.run(feeds, names);
    for (const { name, dtype } of start.outputs) {
      const { dims, data } = made[name] as OrtTensor;
      if (parts > 1 && dims[0] !== to - from) {
        throw new Error(`output '${name}' has no batch axis, so a batch cannot be run in parts; raise batch`);
      }
      const numbers = fromWire(name, dtype, data as Wire);
      if (parts === 1) outputs.set(name, { data: numbers, dims });
      else {
        const all = [rows, ...dims.slice(1)];
        const whole = outputs.get(name) ?? { data: allocate(dtype, sizeOf(all)), dims: all };
        outputs.set(name, whole);
        whole.data.set(numbers, from * sizeOf(all.slice(1)));
        made[name].dispose();
      }
    }
  }
  try {
    return place(back, Object.fromEntries(outputs));
  } catch (error) {
    const fix = `free some space in ${os.tmpdir()}, or set TMPDIR to another folder`;
    throw new Error(`its outputs cannot be handed over: ${messageOf(error)}; ${fix}`);
  }
}

function cut({ data, dims }: Tensor, from: number, to: number): Tensor {
  const stride = sizeOf(dims.slice(1));
  return { data: data.subarray(from * stride, to * stride), dims: [to - from, ...dims.slice(1)] };
}

function tensorOf(name: string, dtype: OnnxDtype, { data, dims }: Tensor): OrtTensor {
  return new ort.Tensor(dtype as 'float32', toWire(name, dtype, data) as Float32Array, dims);
}
