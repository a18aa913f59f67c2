/** The warp: places, borders, whole turns, and what it refuses. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import type { Matrix } from '../../../src/search/space/search-op.js';
import { rotateTwin, translateXTwin } from '../../../src/search/twins/matrices.js';
import { grayscaleTwin } from '../../../src/search/twins/saturation.js';
import { brightnessTwin } from '../../../src/search/twins/tone.js';
import { warp } from '../../../src/search/twins/warp.js';
import { onEveryBackend, useBackend } from '../../train/golden.js';
import { levelsApart, pictures, type Shape, seeded } from './tools.js';

const SQUARE: Shape = [3, 12, 12, 3];

const batchOf = (shape: Shape): tf.Tensor4D => tf.tensor4d(pictures(shape, keyOf(3)), shape);

/** The same coefficients for each image. */
const matrixOf = (batch: number, coefficients: readonly number[]): Matrix =>
  coefficients.map((v) => tf.fill([batch], v)) as unknown as Matrix;

onEveryBackend(
  'warp on %s',
  (name) => {
    beforeAll(() => useBackend(name));

    test('two quarter turns are both flips', () => {
      const images = batchOf(SQUARE);
      const turn = (x: tf.Tensor4D) =>
        warp(x, rotateTwin.matrix(tf.fill([3], 90), { width: 12, height: 12 }));
      expect(levelsApart(turn(turn(images)).dataSync(), tf.reverse(images, [1, 2]).dataSync())).toBeLessThan(
        1e-3,
      );
    });

    test('gradients by images and coefficients are those of bilinear interpolation', () => {
      const shape: Shape = [2, 7, 9, 3];
      const images = batchOf(shape);
      const draws = seeded(8);
      // Slopes of 1/16, with offsets off the grid of weights: no place falls on the middle of a pixel.
      const coefficients = [0.9375, 0.125, 0.31, -0.0625, 1.0625, -0.27];
      const weights = tf.tensor4d(
        Float32Array.from({ length: 2 * 7 * 9 * 3 }, () => draws.uniform(-1, 1)),
        shape,
      );
      const value = (x: tf.Tensor, ...matrix: tf.Tensor[]) =>
        tf.sum(tf.mul(warp(x as tf.Tensor4D, matrix as unknown as Matrix, { fill: 0.2 }), weights));
      const given = matrixOf(2, coefficients);
      const gradients = tf.grads(value as never)([images, ...given]);
      const wanted = bilinearGradients(images.arraySync(), weights.arraySync(), coefficients, 51 / 255);
      expect(gradients[0]?.dataSync().length).toBe(wanted.image.length);
      gradients[0]?.dataSync().forEach((v, i) => {
        expect(v).toBeCloseTo(wanted.image[i] as number, 5);
      });
      wanted.coefficients.forEach((both, k) => {
        expect([...(gradients[k + 1]?.dataSync() ?? [])]).toEqual(both.map((v) => expect.closeTo(v, 4)));
      });
    });

    test('a shift of whole pixels shows fill where nothing was, and the nearest pixel is one of the image', () => {
      const images = batchOf([1, 4, 4, 1]);
      const shifted = warp(images, matrixOf(1, [1, 0, -2, 0, 1, 0]), { fill: 1 }).dataSync();
      const x = images.dataSync();
      expect([...shifted.slice(0, 4)].map((v) => Math.round(255 * v))).toEqual(
        [1, 1, x[0], x[1]].map((v) => Math.round(255 * (v as number))),
      );
      const nearest = warp(images, matrixOf(1, [1, 0, 0.4, 0, 1, 0.4]), { interpolation: 'nearest' });
      expect(levelsApart(nearest.dataSync(), x)).toBeLessThan(1e-3);
      const gradient = tf.grad((v) =>
        tf.sum(warp(v as tf.Tensor4D, matrixOf(1, [1, 0, 0.4, 0, 1, 0.4]), { interpolation: 'nearest' })),
      )(images);
      expect([...gradient.dataSync()]).toEqual(Array(16).fill(1));
    });
  },
  ['tensorflow', 'wasm', 'cpu'],
);

test('leaves no tensors behind', async () => {
  await useBackend('cpu');
  const images = batchOf(SQUARE);
  const m = tf.tensor1d([0.2, -0.1, 0]);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const f = (x: tf.Tensor, m: tf.Tensor) => {
      const moved = warp(
        x as tf.Tensor4D,
        translateXTwin.matrix(m as tf.Tensor1D, { width: 12, height: 12 }),
      );
      return tf.sum(brightnessTwin.apply(moved, tf.add(1, m), keyOf(1)));
    };
    tf.grads(f as never)([images, m]);
  });
  expect(tf.memory().numTensors).toBe(before);
});

test('a constant gray stays under grayscale', async () => {
  await useBackend('cpu');
  const levels = Float32Array.from({ length: 256 * 12 }, (_, i) => Math.floor(i / 12) / 255);
  const shown = grayscaleTwin.apply(tf.tensor4d(levels, [256, 2, 2, 3]), tf.zeros([256]), keyOf(1));
  expect(levelsApart(shown.dataSync(), levels)).toBeLessThan(1e-3);
});

test('values that are not finite are refused', async () => {
  await useBackend('cpu');
  const images = batchOf(SQUARE);
  expect(() => brightnessTwin.apply(images, tf.tensor1d([1, Number.NaN, 1]), keyOf(1))).toThrow(
    'twin: expected 3 finite magnitudes, one an image, but received',
  );
  expect(() => brightnessTwin.apply(images, tf.tensor1d([1, 1]), keyOf(1))).toThrow(
    'twin: expected 3 finite magnitudes, one an image, but received',
  );
  expect(() => warp(tf.div(images, 0), matrixOf(3, [1, 0, 0, 0, 1, 0]))).toThrow(
    'twin: expected images of finite values but received NaN or an infinite one',
  );
  expect(() => warp(tf.zeros([1, 2, 2, 2]), matrixOf(1, [1, 0, 0, 0, 1, 0]))).toThrow(
    'twin: expected images [B, H, W, 1 or 3] but received [1, 2, 2, 2]',
  );
});

/** By the textbook: weights of four neighbors, and their derivatives. */
function bilinearGradients(
  images: number[][][][],
  weights: number[][][][],
  coefficients: readonly number[],
  fill: number,
) {
  const [a, b, c, d, e, f] = coefficients as [number, number, number, number, number, number];
  const [height, width] = [images[0]?.length as number, images[0]?.[0]?.length as number];
  const image = new Float64Array(images.length * height * width * 3);
  const by = Array.from({ length: 6 }, () => images.map(() => 0));
  images.forEach((pixels, n) => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [X, Y] = [x + 0.5, y + 0.5];
        const [u, v] = [a * X + b * Y + c - 0.5, d * X + e * Y + f - 0.5];
        for (let k = 0; k < 3; k++) {
          const g = weights[n]?.[y]?.[x]?.[k] as number;
          let [U, V] = [0, 0];
          for (const [i, j] of [0, 1].flatMap((p) =>
            [0, 1].map((q) => [Math.floor(u) + p, Math.floor(v) + q]),
          )) {
            const [column, row] = [i as number, j as number];
            const [wx, wy] = [1 - Math.abs(u - column), 1 - Math.abs(v - row)];
            const seen = column >= 0 && column < width && row >= 0 && row < height;
            const value = seen ? (pixels[row]?.[column]?.[k] as number) : fill;
            if (seen) image[((n * height + row) * width + column) * 3 + k] += g * wx * wy;
            U += Math.sign(column - u) * wy * value;
            V += Math.sign(row - v) * wx * value;
          }
          [U * X, U * Y, U, V * X, V * Y, V].forEach((change, m) => {
            (by[m] as number[])[n] = ((by[m] as number[])[n] as number) + g * change;
          });
        }
      }
    }
  });
  return { image, coefficients: by };
}
