/**
 * The thread in which onnxruntime runs, since a run blocks its thread. It makes one session, and then answers
 * requests one after the other.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { messageOf } from '../../core/index.js';
import type { OnnxDtype } from '../onnx/interface.js';
import { allocate, type Reply, type Request, type Shared, sizeOf, type Values, type WorkerStart } from './protocol.js'; // biome-ignore format: one row

const port = parentPort;
if (!port) throw new Error('graph/infer/worker: expected to run as a worker thread; use onnxModel');
const start = workerData as WorkerStart;
if (start.preload !== undefined) await import(start.preload);
const ort = await import('onnxruntime-node');
const say = (reply: Reply) => port.postMessage(reply);

async function open(): Promise<InferenceSession | undefined> {
  try {
    // onnxruntime takes no shared memory, so it gets a copy of its own.
    return await ort.InferenceSession.create(new Uint8Array(start.model), {
      executionProviders: [start.provider],
      intraOpNumThreads: start.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (error) {
    say({ kind: 'refused', why: messageOf(error).split('\n')[0] });
    return undefined;
  }
}

const session = await open();
if (session) {
  say({ kind: 'ready' });
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: Request) => {
    last = last.then(() => answer(session, request));
  });
}

async function answer(session: InferenceSession, request: Request): Promise<void> {
  try {
    say({ kind: 'done', id: request.id, outputs: await run(session, request) });
  } catch (error) {
    say({ kind: 'failed', id: request.id, why: messageOf(error).split('\n')[0] });
  }
}

/** In parts of `batch` rows: what comes out does not depend on what else is asked for at the time. */
async function run(session: InferenceSession, { inputs, into }: Request): Promise<Record<string, Shared>> {
  const open = start.inputs.filter(({ shape }) => shape?.[0] === null).map(({ name }) => name);
  const rows = open.length > 0 ? inputs[open[0]].dims[0] : 0;
  const parts = open.length > 0 ? Math.max(1, Math.ceil(rows / start.batch)) : 1;
  const outputs: Record<string, Shared> = {};
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part * start.batch, Math.min(rows, (part + 1) * start.batch)];
    const feeds = Object.fromEntries(
      start.inputs.map(({ name, dtype }) => {
        const whole = inputs[name];
        return [name, tensorOf(dtype, parts > 1 && open.includes(name) ? cut(whole, from, to) : whole)];
      }),
    );
    const made = await session.run(feeds, start.outputs.map(({ name }) => name)); // biome-ignore format: one row
    for (const { name, dtype } of start.outputs) {
      const { dims, data } = made[name] as Tensor;
      if (parts > 1 && dims[0] !== to - from) {
        throw new Error(`output '${name}' has no batch axis, so a batch cannot be run in parts; raise batch`);
      }
      const all = parts > 1 ? [rows, ...dims.slice(1)] : [...dims];
      if (!outputs[name]) outputs[name] = { data: target(name, dtype, sizeOf(all), into[name]), dims: all };
      copy(data as Values | BigInt64Array, outputs[name].data, parts > 1 ? from * sizeOf(all.slice(1)) : 0);
      made[name].dispose();
    }
  }
  return outputs;
}

function cut({ data, dims }: Shared, from: number, to: number): Shared {
  const stride = sizeOf(dims.slice(1));
  return { data: data.subarray(from * stride, to * stride), dims: [to - from, ...dims.slice(1)] };
}

function tensorOf(dtype: OnnxDtype, { data, dims }: Shared): Tensor {
  // Copies: onnxruntime takes no shared memory.
  if (dtype === 'int64') return new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims);
  if (dtype === 'float32') return new ort.Tensor('float32', new Float32Array(data), dims);
  if (dtype === 'int32') return new ort.Tensor('int32', new Int32Array(data), dims);
  return new ort.Tensor(dtype, new Uint8Array(data), dims);
}

function target(name: string, dtype: OnnxDtype, length: number, into?: Values): Values {
  if (!into) return allocate(dtype, length);
  if (into.length !== length) {
    throw new Error(`output '${name}' has ${length} numbers and there is room for ${into.length}`);
  }
  return into;
}

function copy(from: Values | BigInt64Array, to: Values, at: number): void {
  if (!(from instanceof BigInt64Array)) to.set(from, at);
  else for (let i = 0; i < from.length; i++) to[at + i] = Number(from[i]);
}
