/** Statistics of one value: its deviation is 0, so that nothing is left of it. Each place that takes them refuses one. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Draws, keyOf, RxaugError, UsageError } from '../../src/core/index.js';
import { bankOf } from '../../src/gan/stages/bank.js';
import { type Perturbation, perturb } from '../../src/gan/stages/perturb.js';
import { fit as fitModel, model } from '../../src/train/index.js';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  ghostBatchNorm,
  globalPool,
  groupNorm,
  type Layer,
  layerNorm,
  relu,
  reshape,
  sequential,
} from '../../src/train/layers/index.js';
import { build, forward, initialize } from '../../src/train/models/model.js';
import { fakeBatches } from './batches.js';
import { onEveryBackend, useBackend } from './golden.js';

const look = (input: number[]) => ({ input, classes: ['a', 'b', 'c'] });
const small = (...layers: Layer[]) =>
  model('small', (units) => sequential([...layers, flatten(), dense(units, { name: 'head' })]));

/** The logits of noise, as a step of training or an inference makes them. Read with `data()`: a GPU has no other way. */
async function logits(of: ReturnType<typeof model>, input: number[], size: number, training: boolean) {
  const made = tf.tidy(() => {
    const network = build(of, look(input));
    const x = tf.randomNormal([size, ...input], 0, 1, 'float32', 1);
    return forward(network, initialize(network, keyOf(1)), x, { training }).logits;
  });
  const values = await made.data();
  made.dispose();
  return [...values];
}

const onDense = small(flatten(), dense(4), batchNorm({ name: 'norm' }));
const onPixels = small(conv2d(4), batchNorm({ name: 'norm' }), globalPool());
const onTokens = small(reshape([2, 6]), batchNorm({ name: 'norm' }));

onEveryBackend('row 11: on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  describe('row 11: batch norm in training', () => {
    test.each([
      ['a dense layer and one sample', onDense, [2, 2, 3], 1, '[1,4]'],
      ['images of one pixel and one sample', onPixels, [1, 1, 3], 1, '[1,1,1,4]'],
    ] as const)('row 11: %s is refused', async (_, of, input, size, shape) => {
      const before = tf.memory().numTensors;
      const run = () => logits(of, [...input], size, true);
      await expect(run()).rejects.toThrow(RxaugError);
      await expect(run()).rejects.toThrow(
        `norm: expected at least 2 values per channel for batchNorm in training but received ${shape}; use larger batches, and batch(n, { dropLast: true }) where only the last batch is that small`,
      );
      expect(tf.memory().numTensors).toBe(before);
    });

    test.each([
      ['a dense layer and two samples', onDense, [2, 2, 3], 2],
      ['one sample of two pixels', onPixels, [1, 2, 3], 1],
      ['one sample of two tokens', onTokens, [2, 2, 3], 1],
      ['two samples of one pixel', onPixels, [1, 1, 3], 2],
    ] as const)('row 11: %s is not', async (_, of, input, size) => {
      expect((await logits(of, [...input], size, true)).every(Number.isFinite)).toBe(true);
    });

    test('row 11: at inference a single sample is as good as any', async () => {
      expect((await logits(onDense, [2, 2, 3], 1, false)).every(Number.isFinite)).toBe(true);
    });
  });

  describe('row 11: ghost batch norm in training', () => {
    const ghost = (size: number) => small(flatten(), dense(4), ghostBatchNorm(size, { name: 'norm' }));
    test('row 11: parts of one sample are refused on a dense layer, and not on images', async () => {
      await expect(logits(ghost(1), [2, 2, 3], 4, true)).rejects.toThrow(
        'norm: expected at least 2 values per channel for ghostBatchNorm in training but received [1,4]; use a larger size',
      );
      await expect(logits(ghost(2), [2, 2, 3], 1, true)).rejects.toThrow(
        /received \[1,4\]; use larger batches/,
      );
      await logits(ghost(2), [2, 2, 3], 5, true);
      await logits(small(ghostBatchNorm(1)), [2, 2, 3], 4, true);
    });
  });
});

describe('row 11: normalization within a sample, of one value', () => {
  beforeAll(() => useBackend('cpu'));
  const built = (input: number[], ...layers: Layer[]) => build(small(...layers), look(input));

  test('row 11: group norm, instance norm', () => {
    const run = () => built([1, 1, 8], groupNorm(8));
    expect(run).toThrow(UsageError);
    expect(run).toThrow(
      "groupNorm: expected at least 2 values in each group but received '8 groups of [1,1,8]'; use fewer groups",
    );
    built([1, 1, 8], groupNorm(4));
    built([1, 2, 8], groupNorm(8));
    expect(() => built([2, 2, 3], flatten(), groupNorm(12))).toThrow('use fewer groups');
  });

  test('row 11: layer norm', () => {
    expect(() => built([2, 2, 1], layerNorm())).toThrow(
      'layerNorm: expected at least 2 features to normalize over but received [2,2,1]; use groupNorm() or batchNorm()',
    );
    built([2, 2, 2], layerNorm(), relu());
  });
});

test('row 11: training stops at a last batch of one sample with the same sentence, and leaks nothing', async () => {
  await useBackend('cpu');
  const before = tf.memory().numTensors;
  const own = fakeBatches({
    perEpoch: 3,
    change(batch) {
      if (batch.index < 2) return batch;
      const { images, labels, samples } = batch;
      return {
        ...batch,
        size: 1,
        images: images.slice(0, 192),
        labels: labels.slice(0, 1),
        samples: samples.slice(0, 1),
      };
    },
  });
  const steps: number[] = [];
  const trained = fitModel(own.batches$, { model: onDense, backend: 'cpu' }, (event) => {
    if (event.kind === 'step') steps.push(event.size);
  });
  await expect(trained).rejects.toThrow(/^norm: expected at least 2 values per channel .* dropLast: true/);
  expect(steps).toEqual([8, 8]);
  expect(tf.memory().numTensors).toBe(before);
});

describe('row 11: the statistics of a bank of one code', () => {
  const code = Float32Array.of(1, 2, 3);
  const other = Float32Array.of(2, 0, 1);
  const base: Perturbation = { mode: 'noise', sigma: 1, lambda: 0.5, neighbors: 5, from: 'mean' };
  const made = (entries: [number, number, Float32Array][], change: Partial<Perturbation>) =>
    perturb(code, 0, 0, bankOf(entries, 'e'), new Draws(keyOf(1)), { ...base, ...change });

  test.each([
    ['noise', [[0, 0, code]]],
    [
      'resample',
      [
        [0, 0, code],
        [1, 1, other],
      ],
    ],
    [
      'extrapolate',
      [
        [0, 0, code],
        [1, 1, other],
      ],
    ],
  ] as [Perturbation['mode'], [number, number, Float32Array][]][])(
    'row 11: %s returns no code for a class of one code',
    (mode, entries) => {
      expect(made(entries, { mode })).toBeUndefined();
      const enough = made([...entries, [0, 2, other]], { mode }) as Float32Array;
      expect([...enough]).not.toEqual([...code]);
    },
  );
});
