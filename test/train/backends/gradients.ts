/** Tensors from a seed, and gradients checked by central differences. */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Values in -1..1, all different and none 0, so that no small step crosses a kink of relu or a tie of max. */
export function numbers(seed: number, size: number): Float32Array {
  // A prime times i runs through all remainders, in an order that looks like none.
  const place = (i: number) => (i * 7919 + seed * 131) % size;
  return Float32Array.from({ length: size }, (_, i) => ((2 * place(i) + 1) / size - 1) * 0.98 + 1e-3);
}

export function tensor<R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.tensor(numbers(seed, tf.util.sizeFromShape(shape)), shape);
}

/** The gradient of Σ f(x)·r, r fixed, is the slope between x − h and x + h. */
export async function expectGradient(f: (x: tf.Tensor) => tf.Tensor, shape: number[]): Promise<void> {
  const values = numbers(4, tf.util.sizeFromShape(shape));
  const step = 1e-3;
  const stride = Math.max(1, Math.floor(values.length / 60));
  const places = Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => i * stride);
  const moved = (i: number, by: number) => {
    const other = values.slice();
    other[i] = other[i]! + by;
    return f(tf.tensor(other, shape));
  };
  const made = tf.tidy(() => {
    const x = tf.tensor(values, shape);
    const r = tensor(6, f(x).shape as tf.ShapeMap[tf.Rank]);
    return [tf.grad(f)(x, r), r, ...places.flatMap((i) => [moved(i, step), moved(i, -step)])];
  });
  // All read at once: a GPU answers one question as slowly as a hundred.
  const [gradient, weights, ...ys] = (await Promise.all(made.map((t) => t.data()))) as Float32Array[];
  tf.dispose(made);
  const total = (y: Float32Array) => y.reduce((sum, value, j) => sum + value * weights![j]!, 0); // in double precision
  places.forEach((i, n) => {
    const slope = (total(ys[2 * n]!) - total(ys[2 * n + 1]!)) / (2 * step);
    const error = Math.abs(slope - gradient![i]!) / (1 + Math.abs(slope));
    if (!(error < 5e-3)) expect.fail(`element ${i}: gradient ${gradient![i]} but slope ${slope}`);
  });
}
