/** The gradient of a filter of one pixel that strides, which native TensorFlow's own kernel has wrong now and then. */
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/graph/tf.js';
import { onEveryBackend, useBackend, wave } from '../golden.js';

const tests: Parameters<typeof onEveryBackend>[1] = (name) => {
  beforeAll(() => useBackend(name));

  test.each([
    { strides: [2, 2], sides: [8, 8], channels: 4 },
    { strides: [3, 2], sides: [7, 6], channels: 1 },
    { strides: [2, 1], sides: [5, 4], channels: 8 },
  ] as const)('gradients are those of a product of matrices: %o', ({ strides, sides, channels }) => {
    const [batch, filters] = [9, 8];
    const [height, width] = sides;
    const [rows, columns] = sides.map((side, i) => Math.ceil(side / strides[i]));
    tf.tidy(() => {
      const x = tf.tensor4d(wave(batch * height * width * channels, 1), [batch, height, width, channels]);
      const filter = tf.tensor4d(wave(channels * filters, 3), [1, 1, channels, filters]);
      const dy = tf.tensor4d(wave(batch * rows * columns * filters, 2), [batch, rows, columns, filters]);
      const met = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, ...strides, 1]);
      const wanted = tf.matMul(met.reshape([-1, channels]), dy.reshape([-1, filters]), true).dataSync();
      const gradient = tf.grad((own) =>
        tf.conv2d(x, own as tf.Tensor4D, [...strides] as [number, number], 'valid'),
      );
      for (let i = 0; i < 50; i++) {
        tf.fill([20_000 + i], 1e6).dispose(); // what lies in memory that was freed
        const made = tf.tidy(() => gradient(filter, dy).dataSync());
        const off = made.map((value, at) => Math.abs(value - wanted[at]));
        expect(Math.max(...off), `run ${i}`).toBeLessThan(1e-3);
      }
    });
  });
};

onEveryBackend('strided filters of one pixel on %s', tests, ['tensorflow', 'wasm', 'cpu']);
