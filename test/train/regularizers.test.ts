/** Layers that inject noise, and normalization: against PyTorch and the papers, and over many masks. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { fold, keyOf, linear } from '../../src/core/index.js';
import {
  alphaDropout,
  attention,
  dropBlock,
  dropConnect,
  dropout,
  embedding,
  embeddingDropout,
  gaussianDropout,
  groupNorm,
  type Layer,
  layerFrom,
  mlp,
  modelFrom,
  resnet,
  shakeDrop,
  spatialDropout,
  standout,
  stochasticDepth,
  Trained,
  variationalGaussianDropout,
  wideResnet,
} from '../../src/train/index.js';
import { decayedRate } from '../../src/train/layers/stochastic-depth.js';
import { build, initialize } from '../../src/train/models/model.js';
import { type Case, expectCase } from './cases.js';
import { applyLayer, declare, golden, onEveryBackend, useBackend } from './golden.js';

const cases = golden<Case[]>('regularizers.json');

onEveryBackend('%s follows the reference', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(cases.map((c) => [`${c.layer} ${JSON.stringify(c.options)}`, c] as const))('%s', (_, c) =>
    expectCase(c),
  );
});

test('every layer here survives its own JSON', () => {
  for (const { layer, options } of cases) {
    const made = layerFrom({ layer, ...options });
    expect(layerFrom(JSON.parse(JSON.stringify(made.config))).config).toEqual(made.config);
  }
  const network = resnet(8, { width: 4, stochasticDepth: { rate: 0.3, mode: 'batch' }, dropout: 0.2 });
  const again = modelFrom(JSON.parse(JSON.stringify(network.config)));
  expect(again.layers(3).config).toEqual(network.layers(3).config);
});

describe('over many masks', () => {
  beforeAll(() => useBackend('cpu'));

  const run = (layer: Layer, x: tf.Tensor, options = {}, params = {}) =>
    applyLayer(layer, x, params, options).y;
  const numbers = (f: () => tf.Tensor) => tf.tidy(() => f().dataSync() as Float32Array);
  /** |observed − p| within 3σ of a mean of n draws of variance `variance`. */
  const within = (observed: number, wanted: number, variance: number, n: number) =>
    expect(Math.abs(observed - wanted)).toBeLessThan(3 * Math.sqrt(variance / n));
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  const N = 10_000;

  test.each([
    ['dropout', dropout(0.3), [N, 1], 0.3, 1 / 0.7],
    ['traditional dropout', dropout(0.3, { form: 'traditional' }), [N, 1], 0.3, 1],
    ['spatial', spatialDropout(0.2), [N, 2, 2, 1], 0.2, 1 / 0.8],
    ['tokens', embeddingDropout(0.1), [N / 10, 10, 3], 0.1, 1 / 0.9],
    ['depth', stochasticDepth(0.4), [N, 2, 1, 1], 0.4, 1 / 0.6],
    ['traditional depth', stochasticDepth(0.4, { form: 'traditional' }), [N, 2, 1, 1], 0.4, 1],
  ] as const)('%s: rate and scale, and what inference gives is the mean', (_, layer, shape, rate, scale) => {
    const y = numbers(() => run(layer, tf.ones([...shape])));
    const each = y.length / N; // numbers that share a mask
    within(y.filter((v) => v === 0).length / y.length, rate, rate * (1 - rate), N);
    expect(Math.abs(Math.max(...y) - scale)).toBeLessThan(1e-6);
    for (let i = 0; i < y.length; i += each) {
      if (shape.length > 2) expect(new Set(y.slice(i, i + each)).size).toBe(1);
    }
    const calm = numbers(() => run(layer, tf.ones([...shape]), { training: false }))[0];
    within(mean(y), calm, scale * scale * rate * (1 - rate), N);
  });

  test('a batch that is dropped together', () => {
    const layer = stochasticDepth(0.3, { mode: 'batch' });
    let dropped = 0;
    const steps = N;
    for (let step = 0; step < steps; step++) {
      const y = numbers(() => run(layer, tf.ones([3, 2]), { key: fold(keyOf(1), step) }));
      expect(new Set(y).size).toBe(1);
      dropped += Number(y[0] === 0);
    }
    within(dropped / steps, 0.3, 0.21, steps);
  });

  test('Gaussian: mean 1 and variance p/(1 − p)', () => {
    const y = numbers(() => run(gaussianDropout(0.2), tf.ones([N, 1])));
    within(mean(y), 1, 0.25, N);
    within(mean(y.map((v) => (v - 1) ** 2)), 0.25, 2 * 0.25 ** 2, N);
    const calm = numbers(() => run(gaussianDropout(0.2), tf.ones([2, 1]), { training: false }));
    expect([...calm]).toEqual([1, 1]);
  });

  test('variational Gaussian: α to begin with is that of the rate', () => {
    const layer = variationalGaussianDropout(0.2);
    const { params } = declare(layer, [4]);
    const logAlpha = params[0].initial(keyOf(0), params[0])[0];
    const own = () => ({ logAlpha: tf.tensor1d([logAlpha]) });
    const y = numbers(() => run(layer, tf.ones([N, 1]), {}, own()));
    within(mean(y), numbers(() => run(layer, tf.ones([1, 1]), { training: false }, own()))[0], 0.25, N);
    within(mean(y.map((v) => (v - 1) ** 2)), 0.25, 2 * 0.25 ** 2, N);
  });

  test('alpha: mean 0 and variance 1 stay', () => {
    const y = numbers(() => {
      const x = tf.tensor2d(
        Array.from({ length: N }, (_, i) => (i % 2 === 0 ? 1 : -1)),
        [N, 1],
      );
      return run(alphaDropout(0.1), x);
    });
    within(mean(y), 0, 1, N);
    within(mean(y.map((v) => v * v)), 1, 3, N);
    // Three values come out: those of ±1 kept, and that of what was dropped, α′ as the affine map sends it.
    const drop = y.filter((_, i) => y.indexOf(y[i]) === i).filter((v) => Math.abs(v) < 5);
    expect(drop).toHaveLength(3);
    const [p, alpha] = [0.1, -1.7580993408473766];
    const a = ((1 - p) * (1 + p * alpha ** 2)) ** -0.5;
    const dropped = a * alpha - a * alpha * p;
    const share = y.filter((v) => Math.abs(v - dropped) < 1e-5).length / N;
    within(share, p, p * (1 - p), N);
    const calm = numbers(() => run(alphaDropout(0.1), tf.tensor2d([[3]]), { training: false }));
    expect([...calm]).toEqual([3]);
  });

  test('DropBlock: whole squares inside the image, about the rate of them, and the mean stays', () => {
    const [size, side, batch] = [3, 9, N];
    const layer = dropBlock(0.1, { size });
    const y = numbers(() => run(layer, tf.ones([batch, side, side, 1])));
    expect(Math.abs(mean(y) - 1)).toBeLessThan(1e-4); // exact over the batch
    const gamma = (0.1 * side * side) / (size * size * (side - size + 1) ** 2);
    // A pixel in the middle is covered by k² seeds; the corner by one.
    const at = (row: number, column: number) =>
      Array.from({ length: batch }, (_, b) => Number(y[(b * side + row) * side + column] === 0));
    const covered = 1 - (1 - gamma) ** (size * size);
    const calm = numbers(() => run(layer, tf.fill([1, side, side, 1], 2), { training: false }));
    expect(new Set(calm)).toEqual(new Set([2]));
    within(mean(at(4, 4)), covered, covered * (1 - covered), batch);
    within(mean(at(0, 0)), gamma, gamma * (1 - gamma), batch);
    // Every hole is part of a k×k square of holes.
    const hole = (b: number, r: number, c: number) => y[(b * side + r) * side + c] === 0;
    const span = Array.from({ length: size }, (_, i) => i);
    let holes = 0;
    for (let b = 0; b < 50; b++) {
      for (let r = 0; r < side; r++) {
        for (let c = 0; c < side; c++) {
          if (!hole(b, r, c)) continue;
          holes++;
          const square = (top: number, left: number) =>
            top >= 0 &&
            left >= 0 &&
            top + size <= side &&
            left + size <= side &&
            span.every((i) => span.every((j) => hole(b, top + i, left + j)));
          expect(span.some((i) => span.some((j) => square(r - i, c - j)))).toBe(true);
        }
      }
    }
    expect(holes).toBeGreaterThan(50);
  });

  test('DropBlock’s rate follows its schedule', () => {
    const layer = dropBlock(linear(0, 0.2), { size: 3 });
    const holes = (progress: number) =>
      numbers(() => run(layer, tf.ones([50, 9, 9, 1]), { progress })).filter((v) => v === 0).length;
    expect(holes(0)).toBe(0);
    expect(holes(1)).toBeGreaterThan(1.5 * holes(0.5));
  });

  test.each(['example', 'step'] as const)('DropConnect, masks by %s: moments of the units', (masks) => {
    const p = 0.3;
    const [inputs, units] = masks === 'example' ? [4, 2] : [4, 5000];
    const batch = masks === 'example' ? 5000 : 1;
    const layer = dropConnect(units, { rate: p, masks, activation: 'linear', bias: false });
    const x = [0.5, -1, 2, 1.5];
    const y = numbers(() =>
      run(layer, tf.tile(tf.tensor2d([x]), [batch, 1]), {}, { kernel: tf.fill([inputs, units], 0.7) }),
    );
    const m = (1 - p) * 0.7 * x.reduce((a, b) => a + b);
    const variance = p * (1 - p) * 0.49 * x.reduce((a, b) => a + b * b, 0);
    within(mean(y), m, variance, y.length);
    within(mean(y.map((v) => (v - m) ** 2)), variance, 2 * variance ** 2, y.length);
    const calm = numbers(() =>
      run(layer, tf.tensor2d([x]), { training: false }, { kernel: tf.fill([inputs, units], 0.7) }),
    );
    expect(calm[0]).toBeCloseTo(m, 5);
  });

  test('standout keeps each unit as often as its own input says; inference is the mean', () => {
    const layer = standout(2, { activation: 'linear', bias: false, alpha: 1, beta: 0.5 });
    const params = () => ({ kernel: tf.tensor2d([[1, -2]]) });
    const y = numbers(() => run(layer, tf.ones([N, 1]), {}, params()));
    const calm = numbers(() => run(layer, tf.ones([1, 1]), { training: false }, params()));
    [1, -2].forEach((z, unit) => {
      const own = y.filter((_, i) => i % 2 === unit);
      const keep = 1 / (1 + Math.exp(-(z + 0.5)));
      within(own.filter((v) => v !== 0).length / N, keep, keep * (1 - keep), N);
      within(mean(own), calm[unit], z * z * keep * (1 - keep), N);
    });
  });

  test('embedding: a row is dropped wherever it occurs', () => {
    const layer = embedding(N, 1, { rate: 0.25 });
    const y = numbers(() => {
      const rows = tf.range(0, N);
      return run(layer, tf.stack([rows, rows]), {}, { kernel: tf.ones([N, 1]) });
    });
    expect([...y.slice(0, N)]).toEqual([...y.slice(N)]);
    within(y.filter((v) => v === 0).length / y.length, 0.25, 0.1875, N);
    expect(Math.abs(Math.max(...y) - 1 / 0.75)).toBeLessThan(1e-6);
    const calm = numbers(() =>
      run(layer, tf.range(0, 2).reshape([1, 2]), { training: false }, { kernel: tf.ones([N, 1]) }),
    );
    within(mean(y), calm[0], 0.25 / 0.75, N);
  });

  test('attention: the weights that are left are divided by 1 − rate', () => {
    const layer = attention(1, { dropout: 0.4 });
    // Values of one and no scores: every output is the sum of its attention weights.
    const params = () => ({
      qkv: tf.zeros([1, 3]),
      qkvBias: tf.tensor1d([0, 0, 1]),
      out: tf.ones([1, 1]),
      outBias: tf.zeros([1]),
    });
    const y = numbers(() => run(layer, tf.ones([100, 100, 1]), {}, params()));
    within(mean(y), 1, 0.4 / 0.6 / 100, y.length);
    // With a single token there is one weight, and its mask is seen.
    const one = numbers(() => run(layer, tf.ones([N, 1, 1]), {}, params()));
    within(one.filter((v) => v === 0).length / N, 0.4, 0.24, N);
    expect(Math.abs(Math.max(...one) - 1 / 0.6)).toBeLessThan(1e-6);
    const calm = numbers(() => run(layer, tf.ones([1, 1, 1]), { training: false }, params()));
    within(mean(one), calm[0], 0.4 / 0.6, N);
  });

  test('ShakeDrop: the mean forward factor is 1 − rate', () => {
    const layer = shakeDrop(0.5);
    const y = numbers(() => run(layer, tf.ones([N, 1])));
    const calm = numbers(() => run(layer, tf.ones([1, 1]), { training: false }))[0];
    expect(calm).toBe(0.5);
    within(mean(y), 0.5, 0.5 * 1 + 0.5 / 3 - 0.25, N);
  });

  test('stochastic depth decays linearly with depth in a ResNet', () => {
    const rates: unknown[] = [];
    const walk = (config: unknown): void => {
      if (Array.isArray(config)) config.forEach(walk);
      if (typeof config !== 'object' || config === null || Array.isArray(config)) return;
      const { layer, rate } = config as { layer?: string; rate?: number };
      if (layer === 'stochasticDepth') rates.push(rate);
      else Object.values(config).forEach(walk);
    };
    walk(resnet(8, { stochasticDepth: 0.3 }).layers(3).config);
    expect((rates as number[]).map((r) => Number(r.toFixed(6)))).toEqual([0.1, 0.2, 0.3]);
    expect(decayedRate(linear(0, 0.5), 1, 2)).toMatchObject({ from: 0, to: 0.25 });
    // Its parameters are those of the network without it.
    const names = (m: ReturnType<typeof resnet>) =>
      build(m, { input: [8, 8, 3], classes: ['a', 'b'] }).params.map(({ name }) => name);
    expect(names(resnet(8, { stochasticDepth: 0.3, dropout: 0.1 }))).toEqual(names(resnet(8)));
    const wide = wideResnet(10, 1, { stochasticDepth: 0.3 });
    expect(names(wide)).toEqual(names(wideResnet(10, 1)));
    rates.length = 0;
    walk(wide.layers(3).config);
    expect((rates as number[]).map((r) => Number(r.toFixed(6)))).toEqual([0.1, 0.2, 0.3]);
  });
});

onEveryBackend('Monte-Carlo dropout on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('mean and variance of the passes; normalization stays calm; no tensor stays', async () => {
    const classes = ['a', 'b', 'c'];
    const samples = backend === 'webgpu' ? 100 : 400;
    const network = build(mlp({ hidden: [16], dropout: 0.5 }), { input: [2, 2, 1], classes });
    const trained = new Trained(network, { ...initialize(network, keyOf(1)), slots: {} });
    const images = tf.tensor4d([1, 2, -1, 0.5, 0, 1, 1, 3], [2, 2, 2, 1]);
    const before = tf.memory().numTensors;
    const predictions = await trained.predictMonteCarlo(images, { samples, seed: 3 });
    expect(await trained.predictMonteCarlo(images, { samples, seed: 3 })).toEqual(predictions);
    expect(tf.memory().numTensors).toBe(before);
    expect(predictions.length).toBe(2);
    for (const { label, className, probabilities, variance, entropy, mutualInformation } of predictions) {
      expect(className).toBe(classes[label]);
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(Math.min(...variance)).toBeGreaterThan(0);
      // A probability's variance is at most p(1 − p).
      variance.forEach((v, k) => {
        expect(v).toBeLessThan(probabilities[k] * (1 - probabilities[k]) * (samples / (samples - 1)));
      });
      expect(mutualInformation).toBeGreaterThan(0);
      expect(mutualInformation).toBeLessThan(entropy);
    }
    // Another seed agrees within the error of the mean.
    const other = await trained.predictMonteCarlo(images, { samples, seed: 4 });
    predictions[0].probabilities.forEach((p, k) => {
      const error = 4 * Math.sqrt((2 * predictions[0].variance[k]) / samples);
      expect(Math.abs(p - other[0].probabilities[k])).toBeLessThan(error);
    });
    const calm = build(mlp({ hidden: [16] }), { input: [2, 2, 1], classes });
    const sure = new Trained(calm, { ...trained.state, params: trained.state.params });
    const [first] = await sure.predictMonteCarlo(images, { samples: 3 });
    expect(Math.max(...first.variance)).toBeLessThan(1e-12);
    images.dispose();
    trained.dispose();
  });
});

describe('bad options get one sentence', () => {
  test.each([
    [() => dropout(1), 'dropout: rate: expected'],
    [() => dropout(-0.1), 'dropout: rate: expected'],
    [() => dropConnect(2, { rate: 1 }), 'dropConnect: rate: expected'],
    [
      () => dropout(linear(0, 0.5), { form: 'traditional' }),
      "dropout: rate: a schedule has no one rate for inference to multiply by; use form 'inverted'",
    ],
    [
      () => declare(dropBlock(0.1, { size: 7 }), [5, 5, 1]),
      'dropBlock: expected images of at least 7 pixels a side',
    ],
    [() => declare(spatialDropout(), [5]), 'spatialDropout: expected images [H, W, C]'],
    [() => declare(groupNorm(3), [4, 4, 8]), 'groupNorm: expected channels that 3 groups divide'],
    [() => declare(attention(3), [4, 8]), 'attention: expected tokens [T, D] with D a multiple of 3'],
  ])('%#', (make, words) => {
    expect(make).toThrow(words);
  });
});
