/** The gradient kernels of WASM and WebGPU, ours and theirs, equal the JavaScript backend's and finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TfjsBackend } from '../../../src/train/backends/backend.js';
import { onEveryBackend, useBackend } from '../golden.js';
import { expectGradient, tensor } from './gradients.js';

/** Runs on a backend and brings the numbers home; the tensors it made are gone. */
async function on(name: TfjsBackend, compute: () => tf.Tensor[]): Promise<Float32Array[]> {
  await useBackend(name);
  const before = tf.memory().numTensors;
  const results = tf.tidy(compute);
  const values = (await Promise.all(results.map((t) => t.data()))) as Float32Array[];
  tf.dispose(results);
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

function close(actual: Float32Array, wanted: Float32Array): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const tolerance = 2e-4 * (1 + Math.abs(wanted[i]!));
    if (Math.abs(actual[i]! - wanted[i]!) > tolerance) {
      expect.fail(`element ${i}: ${actual[i]} instead of ${wanted[i]}`);
    }
  }
}

async function same(backend: TfjsBackend, compute: () => tf.Tensor[]): Promise<void> {
  const wanted = await on('cpu', compute);
  const actual = await on(backend, compute);
  wanted.forEach((values, i) => {
    close(actual[i]!, values);
  });
}

const size = fc.integer({ min: 5, max: 9 });
const few = fc.integer({ min: 1, max: 3 });
const padding = fc.oneof(
  fc.constantFrom<'same' | 'valid'>('same', 'valid'),
  // No plain number: with a kernel that is not square tfjs takes its height for its width, and WASM then
  // writes beyond the output.
  fc.tuple(few, few, few, few).map(
    ([a, b, c, d]) =>
      [
        [0, 0],
        [a - 1, b - 1],
        [c - 1, d - 1],
        [0, 0],
      ] as tf.backend_util.ExplicitPadding,
  ),
);

onEveryBackend(
  '%s',
  (backend) => {
    const runs = backend === 'webgpu' ? 15 : 60;
    describe('convolution', () => {
      const cases = fc.record({
        batch: few,
        height: size,
        width: size,
        channels: few,
        outputs: few,
        kernel: fc.tuple(few, few),
        stride: fc.tuple(few, few),
        pad: padding,
      });

      it('has the gradients of the JavaScript backend', async () => {
        await fc.assert(
          fc.asyncProperty(
            cases,
            async ({ batch, height, width, channels, outputs, kernel, stride, pad }) => {
              await same(backend, () => {
                const x = tensor<tf.Rank.R4>(1, [batch, height, width, channels]);
                const w = tensor<tf.Rank.R4>(2, [...kernel, channels, outputs]);
                // 'round' lets the number of output rows be a fraction, as an explicit pad may ask for.
                const rounding = typeof pad === 'string' ? undefined : 'floor';
                const conv = (x: tf.Tensor4D, w: tf.Tensor4D) =>
                  tf.conv2d(x, w, stride, pad, 'NHWC', 1, rounding) as tf.Tensor4D;
                const dy = tensor<tf.Rank.R4>(3, conv(x, w).shape);
                return tf.grads((x, w) => conv(x as tf.Tensor4D, w as tf.Tensor4D))([x, w], dy);
              });
            },
          ),
          { numRuns: runs, seed: 1 },
        );
      });

      it('agrees with finite differences', async () => {
        await useBackend(backend);
        const x = tensor<tf.Rank.R4>(1, [2, 6, 5, 2]);
        const loss = (w: tf.Tensor) => tf.sum(tf.square(tf.conv2d(x, w as tf.Tensor4D, 2, 'same')));
        await expectGradient(loss, [3, 3, 2, 3]);
      });

      it.skipIf(backend !== 'wasm')('refuses to train NCHW with a sentence', async () => {
        await useBackend(backend);
        const x = tensor<tf.Rank.R4>(1, [1, 5, 5, 1]);
        const dy = tensor<tf.Rank.R4>(2, [1, 5, 5, 1]);
        const attrs = { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [3, 3, 1, 1] };
        expect(() => tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, attrs)).toThrow(
          /NCHW.*use NHWC/,
        );
      });
    });

    describe('depthwise convolution', () => {
      const cases = fc.record({
        batch: few,
        height: size,
        width: size,
        channels: few,
        multiplier: fc.integer({ min: 1, max: 2 }),
        kernel: fc.tuple(few, few),
        stride: few,
        pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
      });

      it('has the gradients of the JavaScript backend', async () => {
        await fc.assert(
          fc.asyncProperty(
            cases,
            async ({ batch, height, width, channels, multiplier, kernel, stride, pad }) => {
              await same(backend, () => {
                const x = tensor<tf.Rank.R4>(1, [batch, height, width, channels]);
                const w = tensor<tf.Rank.R4>(2, [...kernel, channels, multiplier]);
                const conv = (x: tf.Tensor, w: tf.Tensor) =>
                  tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
                return tf.grads(conv)([x, w], tensor<tf.Rank.R4>(3, conv(x, w).shape));
              });
            },
          ),
          { numRuns: runs, seed: 2 },
        );
      });

      it.each([1, 2, 3])('agrees with finite differences at dilation %i', async (dilation) => {
        await useBackend(backend);
        const attrs = { strides: dilation === 1 ? 2 : 1, dilations: dilation, pad: 'same' };
        const image = tensor<tf.Rank.R4>(1, [2, 7, 6, 2]);
        const filter = tensor<tf.Rank.R4>(2, [3, 2, 2, 2]);
        const conv = (x: tf.Tensor, w: tf.Tensor) =>
          tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, attrs.strides, 'same', 'NHWC', dilation);
        // tfjs refuses to differentiate dilations, so the kernels are called by name.
        const kernel = (name: string, inputs: tf.NamedTensorMap, more: object) =>
          tf
            .engine()
            .runKernel(name, inputs, { ...attrs, ...more } as unknown as tf.NamedAttrMap) as tf.Tensor;
        const ofFilter = tf.customGrad((w) => ({
          value: conv(image, w as tf.Tensor),
          gradFunc: (dy) =>
            kernel(tf.DepthwiseConv2dNativeBackpropFilter, { x: image, dy }, { filterShape: filter.shape }),
        }));
        const ofImage = tf.customGrad((x) => ({
          value: conv(x as tf.Tensor, filter),
          gradFunc: (dy) =>
            kernel(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, { inputShape: image.shape }),
        }));
        await expectGradient((w) => ofFilter(w), filter.shape);
        await expectGradient((x) => ofImage(x), image.shape);
      });
    });

    describe('gather', () => {
      it('has the gradient of the JavaScript backend, repeated rows summed', async () => {
        await same(backend, () => {
          const x = tensor<tf.Rank.R3>(1, [5, 2, 3]);
          const rows = tf.tensor1d([4, 0, 4, 2], 'int32');
          const dy = tensor<tf.Rank.R3>(2, [4, 2, 3]);
          return [tf.grad((x) => tf.gather(x, rows))(x, dy), tf.grad((x) => tf.gather(x, [1, 1], 1))(x)];
        });
      });

      it('drops ids outside the segments', async () => {
        await useBackend(backend);
        const ids = tf.tensor1d([-1, 1, 2, 1], 'int32');
        const sums = tf.unsortedSegmentSum(tf.tensor1d([10, 1, 20, 2]), ids, 2);
        expect([...(await sums.data())]).toEqual([0, 3]);
      });

      it('drops whole rows too, beside those that are summed', async () => {
        await same(backend, () => {
          const x = tensor<tf.Rank.R3>(1, [6, 2, 3]);
          return [tf.unsortedSegmentSum(x, tf.tensor1d([2, -5, 0, 3, 2, 9], 'int32'), 3)];
        });
      });
    });

    describe('pooling', () => {
      const cases = fc.record({
        batch: few,
        height: size,
        width: size,
        channels: few,
        window: fc.tuple(few, few),
        stride: fc.tuple(few, few),
        pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
        kind: fc.constantFrom('max' as const, 'avg' as const),
      });

      it('has the gradients of the JavaScript backend, the first of equal maxima too', async () => {
        await fc.assert(
          fc.asyncProperty(cases, async ({ batch, height, width, channels, window, stride, pad, kind }) => {
            await same(backend, () => {
              const size = batch * height * width * channels;
              const values = Float32Array.from({ length: size }, (_, i) => (i * 7919) % 4); // many are equal
              const x = tf.tensor4d(values, [batch, height, width, channels]);
              const pool = (x: tf.Tensor4D) =>
                kind === 'max' ? tf.maxPool(x, window, stride, pad) : tf.avgPool(x, window, stride, pad);
              return [tf.grad((x) => pool(x as tf.Tensor4D))(x, tensor<tf.Rank.R4>(3, pool(x).shape))];
            });
          }),
          { numRuns: runs, seed: 3 },
        );
      });
    });

    it.skipIf(backend !== 'webgpu')('adds any number of tensors', async () => {
      await same(backend, () => [
        tf.addN(Array.from({ length: 300 }, (_, i) => tf.tensor1d([i, -1]))),
        tf.stack(Array.from({ length: 300 }, (_, i) => tf.scalar(i))),
      ]);
    });
  },
  ['webgpu', 'wasm'],
);
