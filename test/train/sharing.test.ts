/** Convolution is a locally connected layer that shares its weights, and what it gains by that. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import {
  adam,
  classifier,
  conv2d,
  dense,
  globalPool,
  type Layer,
  locallyConnected2d,
  maxNorm,
  model,
  relu,
  sequential,
} from '../../src/train/index.js';
import { build, forward } from '../../src/train/models/model.js';
import { disposeState, type State } from '../../src/train/state/tensors.js';
import { applyLayer, declare, onEveryBackend, tensorOf, useBackend, wave } from './golden.js';

const sizeOf = (layer: Layer, input: number[]) =>
  declare(layer, input).params.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

onEveryBackend('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([
    [1, 'valid'],
    [1, 'same'],
    [2, 'same'],
    [2, 1],
  ] as const)(
    'one kernel at every place is the convolution: stride %d, padding %s',
    async (stride, padding) => {
      const options = { stride, padding };
      const local = locallyConnected2d(4, options);
      const [height, width] = declare(local, [7, 6, 3]).output;
      const difference = tf.tidy(() => {
        const x = tf.tensor(wave(2 * 7 * 6 * 3, 0.3), [2, 7, 6, 3]);
        const kernel = tf.tensor(wave(3 * 3 * 3 * 4, 0.7), [3, 3, 3, 4]);
        const bias = tf.tensor(wave(4, 0.1), [4]);
        const shared = applyLayer(conv2d(4, options), x, { kernel, bias }).y;
        const everywhere = {
          kernel: tf.tile(kernel, [1, 1, 1, height * width]),
          bias: tf.tile(bias.reshape([1, 1, 4]), [height, width, 1]),
        };
        return tf.max(tf.abs(tf.sub(applyLayer(local, x, everywhere).y, shared)));
      });
      expect((await difference.data())[0]).toBeLessThan(1e-5);
      difference.dispose();
    },
  );
});

describe('parameters of shared weights', () => {
  test('as many times fewer parameters as there are places', () => {
    const options = { padding: 'same' } as const;
    expect(sizeOf(conv2d(16, options), [32, 32, 3])).toBe(3 * 3 * 3 * 16 + 16);
    expect(sizeOf(locallyConnected2d(16, options), [32, 32, 3])).toBe(32 * 32 * (3 * 3 * 3 * 16 + 16));
  });

  test('first values and penalties know how many weights enter one output', async () => {
    await useBackend('cpu');
    const [kernel] = declare(locallyConnected2d(2), [6, 6, 3]).params;
    expect(kernel.fanIn).toBe(27);
    tf.tidy(() => {
      const w = tensorOf({
        shape: [...kernel.shape],
        values: Array(kernel.shape.reduce((a, b) => a * b, 1)).fill(1),
      });
      const limited = maxNorm(1).project?.(w, tf.scalar(0)) as tf.Tensor;
      expect(limited.dataSync()[0]).toBeCloseTo(1 / Math.sqrt(27), 6);
    });
  });
});

describe('images shifted to unseen places', () => {
  beforeAll(() => useBackend('wasm'));

  const side = 12;
  /** Bars of three pixels, lying or standing, around every center in a square of the image. */
  const bars = (from: number, to: number) => {
    const pixels: number[] = [];
    const labels: number[] = [];
    for (let row = from; row < to; row++) {
      for (let column = from; column < to; column++) {
        for (const label of [0, 1]) {
          const image = new Float32Array(side * side);
          for (const step of [-1, 0, 1]) {
            image[label === 0 ? row * side + column + step : (row + step) * side + column] = 1;
          }
          pixels.push(...image);
          labels.push(label);
        }
      }
    }
    const images = tf.tensor4d(pixels, [labels.length, side, side, 1]);
    return { images, targets: tf.oneHot(tf.tensor1d(labels, 'int32'), 2).toFloat() as tf.Tensor2D };
  };

  /** Trains on bars in the upper left, and tells the accuracy there and in the lower right. */
  const accuracies = (local: (name: string) => Layer): { seen: number; shifted: number } => {
    const network = build(
      model('bars', (units) =>
        sequential([local('local'), relu(), globalPool({ mode: 'max' }), dense(units, { name: 'head' })]),
      ),
      { input: [side, side, 1], classes: ['lying', 'standing'] },
    );
    const task = classifier(network, { optimizer: adam() });
    const { images, targets } = tf.tidy(() => bars(1, 6));
    const feed = { images, targets, learningRate: tf.scalar(0.02) };
    let state: State = task.init(keyOf(1));
    for (let step = 0; step < 80; step++) {
      const next = tf.tidy(
        () =>
          task.step(state, feed, { key: keyOf(step), progress: 0 }).state as unknown as tf.TensorContainer,
      ) as unknown as State;
      disposeState(state, next);
      state = next;
    }
    const accuracy = (from: number, to: number) =>
      tf.tidy(() => {
        const set = bars(from, to);
        const guessed = forward(network, state, set.images).logits.argMax(1);
        return tf.mean(tf.equal(guessed, set.targets.argMax(1)).toFloat()).dataSync()[0];
      });
    const result = { seen: accuracy(1, 6), shifted: accuracy(7, 11) };
    disposeState(state);
    tf.dispose(feed);
    return result;
  };

  test('convolution recognizes them; the locally connected layer does not', () => {
    const shared = accuracies((name) => conv2d(4, { padding: 'valid', name }));
    const unshared = accuracies((name) => locallyConnected2d(4, { name }));
    expect(shared).toEqual({ seen: 1, shifted: 1 });
    expect(unshared.seen).toBe(1);
    expect(unshared.shifted).toBeLessThan(0.7);
  });
});
