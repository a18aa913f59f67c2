import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { batchNorm, compositeBatchNorm } from '../../src/train/ops/batch-norm.js';
import { FusedBatchNormV3, hasKernel, ReluGrad } from '../../src/train/ops/kernels.js';
import { normalArray, uniformArray } from '../../src/train/ops/noise.js';
import { relu } from '../../src/train/ops/relu.js';
import { numbersOf, offBy, onEveryBackend, tidied, useBackend } from './golden.js';

const asGolden = async (tensor: tf.Tensor) => ({ shape: tensor.shape, values: await numbersOf(tensor) });

onEveryBackend('ops on %s', (backend) => {
  let before: number;
  beforeAll(async () => {
    await useBackend(backend);
    before = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(before));

  test('fused kernels are used where they exist, and nowhere else', () => {
    expect([hasKernel(FusedBatchNormV3), hasKernel(ReluGrad)]).toEqual(
      Array(2).fill(backend === 'tensorflow'),
    );
  });

  test.each([[[6, 5, 4, 3]], [[16, 3]], [[1, 1, 1, 2]]])(
    'batch norm equals its composite on %j: output, gradients, running statistics',
    (shape) =>
      tidied(async () => {
        const channels = shape[shape.length - 1];
        const x = tf.add(tf.mul(tf.tensor(normalArray(keyOf(1), tf.util.sizeFromShape(shape)), shape), 2), 1);
        const [scale, shift, mean, raw] = [2, 3, 4, 5].map((k) => tf.tensor(normalArray(keyOf(k), channels)));
        const variance = tf.abs(raw);
        const dy = tf.tensor(normalArray(keyOf(6), x.size), shape);
        const options = { momentum: 0.1, epsilon: 1e-3 };
        for (const pick of ['y', 'mean', 'variance'] as const) {
          const one = batchNorm({ x, scale, shift, mean, variance }, options)[pick];
          const other = compositeBatchNorm({ x, scale, shift, mean, variance }, options)[pick];
          expect(await offBy(one, await asGolden(other)), pick).toBeLessThan(1e-5);
        }
        const gradients = [batchNorm, compositeBatchNorm].map((f) =>
          tf.grads(
            (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
              f({ x: a, scale: b, shift: c, mean, variance }, options).y,
          )([x, scale, shift], dy),
        );
        // With one sample a channel the gradient with respect to x is 0, and what is left is rounding.
        const names = x.size === channels ? ['shift'] : ['x', 'scale', 'shift'];
        for (const [i, name] of ['x', 'scale', 'shift'].entries()) {
          if (!names.includes(name)) continue;
          expect(await offBy(gradients[0][i], await asGolden(gradients[1][i])), name).toBeLessThan(5e-5);
        }
      }),
  );

  test('relu and its gradient, at 0 too', () =>
    tidied(async () => {
      const x = tf.tensor([-2, -0, 0, 1e-30, 3]);
      expect((await numbersOf(relu(x))).map((v) => v + 0)).toEqual([0, 0, 0, Math.fround(1e-30), 3]);
      const slope = tf.grad((v) => relu(v))(x, tf.tensor([1, 2, 3, 4, 5]));
      expect(await numbersOf(slope)).toEqual([0, 0, 0, 4, 5]);
    }));

  test('the gradient of a gradient goes through relu and conv2d: against finite differences', () =>
    tidied(async () => {
      // ‖∂/∂x Σ relu(conv(x, w))·c‖², differentiated with respect to w: what a gradient penalty needs.
      const x = tf.tensor4d(normalArray(keyOf(7), 2 * 4 * 4 * 2), [2, 4, 4, 2]);
      const c = tf.tensor4d(normalArray(keyOf(8), 2 * 4 * 4 * 3), [2, 4, 4, 3]);
      const u = tf.tensor4d(normalArray(keyOf(10), 3 * 3 * 3 * 2), [3, 3, 3, 2]);
      const w0 = normalArray(keyOf(9), 3 * 3 * 2 * 3);
      const network = (images: tf.Tensor, w: tf.Tensor) => {
        const hidden = relu(tf.conv2d(images as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'));
        return tf.sum(tf.mul(tf.square(tf.conv2d(tf.mul(hidden, c) as tf.Tensor4D, u, 1, 'same')), 0.01));
      };
      const penalty = (w: tf.Tensor) => tf.sum(tf.square(tf.grad((images) => network(images, w))(x)));
      const at = async (values: Float32Array) => (await penalty(tf.tensor4d(values, [3, 3, 2, 3])).data())[0];
      const analytic = await numbersOf(tf.grad(penalty)(tf.tensor4d(w0, [3, 3, 2, 3])));
      const largest = Math.max(...analytic.map(Math.abs));
      for (const i of [0, 7, 23, 41, 53]) {
        const h = 2e-3;
        const [up, down] = [w0.slice(), w0.slice()];
        up[i] += h;
        down[i] -= h;
        const numeric = ((await at(up)) - (await at(down))) / (up[i] - down[i]);
        expect(Math.abs(numeric - analytic[i]) / largest, `weight ${i}`).toBeLessThan(0.02);
      }
    }));
});

test('numbers of the hash: moments of 100,000', () => {
  const n = 100_000;
  const moments = (values: Float32Array) =>
    [1, 2, 3, 4].map((p) => values.reduce((sum, v) => sum + v ** p, 0) / n);
  const [mean, square, cube, fourth] = moments(normalArray(keyOf(1), n));
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(cube)).toBeLessThan(4 * Math.sqrt(15 / n));
  expect(Math.abs(fourth - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  const flat = moments(uniformArray(keyOf(2), n));
  expect(Math.abs(flat[0] - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(flat[1] - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / n));
  // An odd length is the even one, cut.
  expect(normalArray(keyOf(1), 7)).toEqual(normalArray(keyOf(1), 8).slice(0, 7));
});
