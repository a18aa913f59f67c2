/** A function through a graph and ONNX, run by onnxruntime, beside itself run by TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { Draws, keyOf } from '../../src/core/index.js';
import { traceFunction, writeOnnx } from '../../src/graph/index.js';
import { model, type OnnxModel } from '../../src/graph/onnx/schema.js';
import { decode } from '../../src/graph/protobuf.js';

type Tensors = Record<string, tf.Tensor>;
type F = (inputs: Tensors) => tf.Tensor | Tensors;
type Shape = (number | null)[];

/** Numbers that a test chooses by key: normal floats, small integers, coins. */
export function numbers(
  shape: number[],
  dtype: 'float32' | 'int32' | 'bool' = 'float32',
  key = 1,
): tf.Tensor {
  const draws = new Draws(keyOf(key));
  const n = tf.util.sizeFromShape(shape);
  const of = { float32: () => draws.normal(), int32: () => draws.int(5), bool: () => draws.int(2) }[dtype];
  return tf.tensor(Array.from({ length: n }, of), shape, dtype);
}

export function write(
  f: F,
  inputs: Record<string, Shape>,
  params: Tensors = {},
  dtypes: Record<string, 'int32' | 'bool'> = {},
) {
  const list = Object.entries(inputs).map(([name, shape]) => ({ name, shape, dtype: dtypes[name] }));
  return writeOnnx(traceFunction(f, { inputs: list, params, kernels: 'standard' }));
}

export const read = (bytes: Uint8Array) => decode(model, bytes, { values: 1e6, depth: 20 }) as OnnxModel;

/** The largest difference of the outputs, relative to the largest number of each. */
export async function difference(bytes: Uint8Array, f: F, given: Tensors): Promise<number> {
  const session = await ort.InferenceSession.create(bytes);
  try {
    const feeds = Object.fromEntries(
      Object.entries(given).map(([name, t]) => [
        name,
        new ort.Tensor(t.dtype as 'float32', t.dataSync().slice() as Float32Array, t.shape),
      ]),
    );
    const got = await session.run(feeds);
    let worst = 0;
    tf.tidy(() => {
      const out = f(given);
      for (const [name, t] of Object.entries(out instanceof tf.Tensor ? { output: out } : out)) {
        if (got[name].dims.join() !== t.shape.join() || got[name].type !== t.dtype) {
          throw new Error(`${name}: ${got[name].type}[${got[name].dims}] in place of ${t.dtype}[${t.shape}]`);
        }
        const [mine, theirs] = [t.dataSync() as Float32Array, got[name].data as Float32Array];
        const largest = mine.reduce((most: number, x: number) => Math.max(most, Math.abs(x)), 1e-6);
        mine.forEach((x: number, i: number) => {
          const off = Number.isNaN(x) && Number.isNaN(theirs[i]) ? 0 : Math.abs(x - theirs[i]) / largest;
          worst = Math.max(worst, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
        });
      }
    });
    return worst;
  } finally {
    await session.release();
  }
}
