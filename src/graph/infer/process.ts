/**
 * The process in which onnxruntime runs. A run blocks its thread, so it cannot be ours; and a thread of our process
 * would not do either: to end one in the middle of a run makes onnxruntime-node abort the whole process, and so
 * does a crash of native code. It makes one session, and then answers requests one after the other; it ends when
 * its parent does.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { messageOf } from '../../core/index.js';
import type { OnnxDtype } from '../onnx/interface.js';
import {
  allocate,
  type Reply,
  type Request,
  type Start,
  sizeOf,
  type Tensor,
  type Values,
} from './protocol.js';

const ort = await import('onnxruntime-node');
const say = (reply: Reply) => process.send?.(reply);

let last: Promise<unknown> = Promise.resolve();
let answer: ((request: Request) => Promise<void>) | undefined;

process.on('message', (message: Start | Request) => {
  last = last.then(async () => {
    if ('id' in message) await answer?.(message);
    else answer = await begin(message);
  });
});

async function begin(start: Start): Promise<typeof answer> {
  if (start.preload !== undefined) await import(start.preload);
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(start.model, {
      executionProviders: [start.provider],
      intraOpNumThreads: start.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (error) {
    say({ kind: 'refused', why: messageOf(error).split('\n')[0] });
    return undefined;
  }
  say({ kind: 'ready' });
  return async (request) => {
    try {
      say({ kind: 'done', id: request.id, outputs: await run(session, start, request) });
    } catch (error) {
      say({ kind: 'failed', id: request.id, why: messageOf(error).split('\n')[0] });
    }
  };
}

/** In parts of `batch` rows: what comes out does not depend on what else is asked for at the time. */
async function run(
  session: InferenceSession,
  start: Start,
  { inputs }: Request,
): Promise<Record<string, Tensor>> {
  const open = start.inputs.filter(({ shape }) => shape?.[0] === null).map(({ name }) => name);
  const rows = open.length > 0 ? inputs[open[0]].dims[0] : 0;
  const parts = open.length > 0 ? Math.max(1, Math.ceil(rows / start.batch)) : 1;
  const wanted = start.outputs.map(({ name }) => name);
  const outputs: Record<string, Tensor> = {};
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part * start.batch, Math.min(rows, (part + 1) * start.batch)];
    const feeds = Object.fromEntries(
      start.inputs.map(({ name, dtype }) => {
        const whole = inputs[name];
        return [name, tensorOf(dtype, parts > 1 && open.includes(name) ? cut(whole, from, to) : whole)];
      }),
    );
    const made = await session.run(feeds, wanted);
    for (const { name, dtype } of start.outputs) {
      const { dims, data } = made[name] as OrtTensor;
      if (parts > 1 && dims[0] !== to - from) {
        throw new Error(`output '${name}' has no batch axis, so a batch cannot be run in parts; raise batch`);
      }
      const all = parts > 1 ? [rows, ...dims.slice(1)] : [...dims];
      outputs[name] ??= { data: allocate(dtype, sizeOf(all)), dims: all };
      copy(data as Values | BigInt64Array, outputs[name].data, parts > 1 ? from * sizeOf(all.slice(1)) : 0);
      made[name].dispose();
    }
  }
  return outputs;
}

function cut({ data, dims }: Tensor, from: number, to: number): Tensor {
  const stride = sizeOf(dims.slice(1));
  return { data: data.subarray(from * stride, to * stride), dims: [to - from, ...dims.slice(1)] };
}

function tensorOf(dtype: OnnxDtype, { data, dims }: Tensor): OrtTensor {
  if (dtype === 'int64') return new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims);
  return new ort.Tensor(dtype as 'float32', data as Float32Array, dims);
}

function copy(from: Values | BigInt64Array, to: Values, at: number): void {
  if (!(from instanceof BigInt64Array)) to.set(from, at);
  else for (let i = 0; i < from.length; i++) to[at + i] = Number(from[i]);
}
