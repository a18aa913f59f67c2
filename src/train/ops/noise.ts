/**
 * Keyed noise. `uniform` and `normal` make tensors: the same key and shape give the same numbers on every backend, those
 * of TensorFlow. `uniformArray` and `normalArray` make arrays without a backend, from rxaug's own hash.
 */

import { fold, hash, type Key } from '../../core/index.js';
import { fromKey } from '../../graph/host.js';
import { tf } from '../../graph/tf.js';
import { runKernel, StatelessRandomUniform } from './kernels.js';

/** Uniform in [0, 1), float32 of the given shape; equal to the bit on every backend. */
export function uniform(key: Key, shape: number[]): tf.Tensor {
  const seed = fromKey(key, [2], 'int32', ({ a, b }) => [a | 0, b | 0]);
  const [noise] = runKernel(StatelessRandomUniform, { seed }, { shape });
  seed.dispose();
  return noise;
}

/** Normal noise of mean 0 and standard deviation 1 (Box–Muller), equal on every backend but for rounding. */
export function normal(key: Key, shape: number[]): tf.Tensor {
  const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, uniform(fold(key, 1), shape))), -2)); // of (0, 1]: finite
  return tf.mul(radius, tf.cos(tf.mul(uniform(fold(key, 2), shape), 2 * Math.PI)));
}

/** n uniform numbers of 24 bits each, two from each call of the hash. */
export function uniformArray(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  for (let i = 0; i < n; i += 2) {
    const [first, second] = hash(key, 0, i >>> 1);
    out[i] = (first >>> 8) / 16777216;
    if (i + 1 < n) out[i + 1] = (second >>> 8) / 16777216;
  }
  return out;
}

/** n normal numbers of mean 0 and deviation 1 (Box–Muller, using both of each pair). */
export function normalArray(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  for (let i = 0; i < n; i += 2) {
    const [first, second] = hash(key, 0, i >>> 1);
    const radius = Math.sqrt(-2 * Math.log((first + 1) / 4294967297)); // (0, 1): the logarithm is finite
    const angle = (2 * Math.PI * second) / 4294967296;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
