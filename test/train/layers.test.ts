import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf, linear } from '../../src/core/index.js';
import {
  cnn,
  conv2d,
  dense,
  dropout,
  flatten,
  linearModel,
  type Model,
  maxPool,
  mlp,
  model,
  modelFrom,
  relu,
  residual,
  resnet,
  resnet18,
  resnet34,
  resnet50,
  rowRnn,
  sequential,
  shakeShakeResnet,
  subsample,
  vit,
  wideResnet,
} from '../../src/train/index.js';
import { initializers } from '../../src/train/layers/initializers.js';
import { build, forward, initialize } from '../../src/train/models/model.js';
import { decayed } from '../../src/train/optimizers/decay.js';
import { countNumbers, disposeState } from '../../src/train/state/tensors.js';
import { applyLayer, declare, onEveryBackend, tidied, useBackend } from './golden.js';

beforeAll(() => useBackend('cpu'));

const vitSize = (w: number) => 12 * (12 * w * w + 13 * w) + (48 + 1) * w + w + 65 * w + 2 * w + 10 * w + 10;
const classes = (n: number) => Array.from({ length: n }, (_, i) => String(i));

describe('initializers', () => {
  test.each([
    ['heNormal', 2, 3],
    ['heUniform', 2, 9 / 5],
    ['lecunNormal', 1, 3],
    ['lecunUniform', 1, 9 / 5],
  ] as const)('%s has variance %d / fanIn and the right shape of distribution', (name, gain, kurtosis) => {
    const fanIn = 50;
    const values = initializers[name](keyOf(1), { shape: [fanIn, 1000], fanIn });
    const n = values.length;
    const variance = values.reduce((sum, v) => sum + v * v, 0) / n;
    expect(variance).toBeCloseTo(gain / fanIn, 3);
    expect(Math.abs(values.reduce((a, b) => a + b) / n)).toBeLessThan(4 * Math.sqrt(gain / fanIn / n));
    expect(values.reduce((sum, v) => sum + v ** 4, 0) / n / variance ** 2).toBeCloseTo(kurtosis, 1);
  });

  test.each([
    ['tall', [3, 4, 10], true],
    ['wide', [7, 12], false],
    ['square', [9, 9], true],
  ] as const)('orthogonal, %s: the fewer of rows and columns are orthonormal', (_, shape, columns) => {
    const values = initializers.orthogonal(keyOf(2), { shape, fanIn: 1 });
    const w = tf.tensor2d(values, [values.length / shape[shape.length - 1], shape[shape.length - 1]]);
    const gram = tf.matMul(w, w, columns, !columns);
    expect(tf.max(tf.abs(tf.sub(gram, tf.eye(gram.shape[0])))).dataSync()[0]).toBeLessThan(1e-6);
  });

  test('each parameter is keyed by its name: another layer changes none of them', () => {
    const one = build(
      model('one', () => sequential([flatten(), dense(3, { name: 'head' })])),
      { input: [2, 2, 1], classes: classes(3) },
    );
    const two = build(
      model('two', () => sequential([flatten(), dense(4, { name: 'more' }), dense(3, { name: 'head2' })])),
      { input: [2, 2, 1], classes: classes(3) },
    );
    const [a, b] = [initialize(one, keyOf(5)), initialize(two, keyOf(5))];
    const again = initialize(one, keyOf(5));
    const other = initialize(one, keyOf(6));
    const head = (s: typeof a, name = 'head/kernel') => [...s.params[name].dataSync()];
    expect(head(again)).toEqual(head(a));
    expect(head(other)).not.toEqual(head(a));
    expect(head(b, 'more/kernel').slice(0, 12)).not.toEqual(head(a));
    for (const state of [a, b, again, other]) disposeState({ ...state, slots: {} });
  });
});

describe('dropout', () => {
  const run = (rate: Parameters<typeof dropout>[0], options = {}) =>
    tf.tidy(() => [...applyLayer(dropout(rate), tf.ones([200, 100]), {}, options).y.dataSync()]);

  test('drops the rate and scales the rest; the mask is the key’s', () => {
    const y = run(0.3);
    const dropped = y.filter((v) => v === 0).length / y.length;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / y.length));
    expect([...new Set(y)].sort()).toEqual([0, Math.fround(1 / Math.fround(0.7))]);
    expect(run(0.3)).toEqual(y);
    expect(run(0.3, { key: keyOf(99) })).not.toEqual(y);
  });

  test('nothing at inference, and nothing at rate 0', () => {
    expect(new Set(run(0.3, { training: false }))).toEqual(new Set([1]));
    expect(new Set(run(0))).toEqual(new Set([1]));
  });

  test('two of them in one network have masks of their own', () => {
    const layer = (name: string) => sequential([dropout(0.5, { name })]);
    const mask = (name: string) => tf.tidy(() => [...applyLayer(layer(name), tf.ones([100])).y.dataSync()]);
    expect(mask('a')).not.toEqual(mask('b'));
  });

  test('the rate follows a schedule', () => {
    const rate = linear(0, 0.8);
    expect(run(rate, { progress: 0 }).filter((v) => v === 0)).toEqual([]);
    const share = run(rate, { progress: 0.5 }).filter((v) => v === 0).length / 20000;
    expect(Math.abs(share - 0.4)).toBeLessThan(0.02);
  });

  test('a rate outside [0, 1) is refused', () => {
    for (const rate of [-0.1, 1, 1.5, linear(0, 1)])
      expect(() => dropout(rate)).toThrow(/^dropout: rate: expected .* in 0\.\.0\.999/);
  });
});

describe('shapes that do not fit get one sentence', () => {
  test.each([
    [
      () => declare(dense(2), [4, 4, 3]),
      'dense: expected input of one axis but received [4,4,3]; put flatten() or globalPool() before it',
    ],
    [() => declare(conv2d(2), [4]), 'conv2d: expected images [H, W, C] but received [4]'],
    [
      () => declare(conv2d(2, { kernel: 5, padding: 'valid' }), [4, 4, 1]),
      'conv2d: expected images of at least 5 pixels a side but received [4,4]',
    ],
    [
      () => declare(maxPool(3), [2, 8, 1]),
      'maxPool: expected images of at least 3 pixels a side but received [2,8,1]',
    ],
    [
      () => declare(residual(conv2d(4)), [8, 8, 3]),
      'residual: expected a shortcut of shape 8×8×4 but received [8,8,3]; give it a shortcut layer',
    ],
    [
      () => declare(subsample(2), [8, 8, 3]),
      'subsample: expected images of at most 2 channels but received [8,8,3]',
    ],
    [
      () => sequential([relu({ name: 'a' }), relu({ name: 'a' })]),
      "sequential: two layers are called 'a'; rename one of them",
    ],
    [() => conv2d(2, { padding: 'full' } as never), 'conv2d: padding:'],
    [() => resnet(21 as never), 'resnet: depth:'],
    [() => wideResnet(15, 1), 'wideResnet: expected a depth of 6n + 4 but received 15'],
  ])('%#', (make, sentence) => {
    expect(make).toThrow(sentence);
  });
});

describe('models', () => {
  test.each([
    [resnet(20), 10, 269_722],
    [resnet(56), 10, 853_018],
    [resnet(20, { shortcut: 'B' }), 10, 272_474],
    [wideResnet(28, 10), 10, 36_479_194],
    [wideResnet(16, 4), 10, 2_748_890],
    [shakeShakeResnet(26, 32), 10, 2_923_162],
    // DeiT's and ViT's ImageNet sizes for 32 × 32 pixels in patches of 4: 12 blocks of 12·w² + 13·w, and the ends.
    [vit({ width: 192, depth: 12, heads: 3, mlpRatio: 4 }), 10, vitSize(192)],
    [vit({ width: 384, depth: 12, heads: 6, mlpRatio: 4 }), 10, vitSize(384)],
    [linearModel(), 10, 32 * 32 * 3 * 10 + 10],
  ] as [Model, number, number][])(
    '$0.name has as many parameters as its authors say',
    ({ name, ...rest }, k, parameters) => {
      const network = build({ name, ...rest }, { input: [32, 32, 3], classes: classes(k) });
      const count = network.params.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      expect([network.name, count]).toEqual([name, parameters]);
    },
  );

  test('parameters have full names, and decay takes kernels only', () => {
    const { params, stats } = build(resnet(8), { input: [32, 32, 3], classes: classes(10) });
    const names = params.map(({ name }) => name);
    expect(names.slice(0, 5)).toEqual([
      'stem/conv/kernel',
      'stem/norm/scale',
      'stem/norm/shift',
      'stage1/block1/conv1/kernel',
      'stage1/block1/norm1/scale',
    ]);
    expect(names.at(-2)).toBe('head/kernel');
    expect(stats.map(({ name }) => name).slice(0, 2)).toEqual(['stem/norm/mean', 'stem/norm/variance']);
    expect([...decayed(params)]).toEqual(names.filter((n) => n.endsWith('/kernel')));
    expect(params.find(({ name }) => name === 'stage2/block1/conv1/kernel')?.fanIn).toBe(3 * 3 * 16);
  });

  test('a vit without dropout has the parameters of one with, and decay spares its tokens and positions', () => {
    const look = { input: [8, 8, 3], classes: classes(3) };
    const names = (m: Model) => build(m, look).params.map(({ name }) => name);
    const bare = vit({ width: 8, depth: 2, heads: 2 });
    const rates = { dropout: 0.1, attentionDropout: 0.1, embeddingDropout: 0.1, stochasticDepth: 0.1 };
    expect(names(vit({ width: 8, depth: 2, heads: 2, ...rates }))).toEqual(names(bare));
    expect([...decayed(build(bare, look).params)]).toEqual(
      names(bare).filter((name) => /(kernel|qkv|out)$/.test(name)),
    );
    expect(() => vit({ width: 10, heads: 4 })).toThrow(
      'vit: expected a width that is a multiple of 4 heads but received 10; change one of them',
    );
    expect(() => build(bare, { input: [9, 8, 3], classes: classes(3) })).toThrow(
      'patchEmbedding: expected images whose sides are multiples of 4 but received [9,8,3]',
    );
  });

  test('an unknown model', () => {
    expect(() => modelFrom({ model: 'resnext' })).toThrow("unknown model 'resnext'; did you mean 'resnet'?");
  });
});

onEveryBackend('models on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([
    resnet(8, { width: 2 }),
    resnet(8, { width: 2, shortcut: 'B' }),
    resnet18({ width: 1, stochasticDepth: 0.2 }),
    resnet34({ width: 1 }),
    resnet50({ width: 1, dropout: 0.1 }),
    wideResnet(10, 0.25, { dropout: 0.3 }),
    wideResnet(16, 0.25),
    shakeShakeResnet(8, 2, { forward: 'even', mode: 'batch' }),
    cnn({ filters: [4, 6], dropout: linear(0, 0.2) }),
    mlp({ hidden: [7], dropout: 0.1 }),
    linearModel(),
    rowRnn({ units: 5, layers: 2, dropout: 0.2, recurrentDropout: 0.3 }),
    rowRnn({ cell: 'gru', units: 5 }),
    vit({
      patch: 1,
      width: 6,
      depth: 1,
      heads: 2,
      pool: 'mean',
      dropout: linear(0, 0.2),
      stochasticDepth: { rate: 0.1, mode: 'batch' },
    }),
    model('own', (k) => sequential([flatten(), dense(k)])),
  ])('$name: made again from JSON it is the same, and it gives logits in both modes', async (made) => {
    const look = { input: [9, 8, 3], classes: classes(4) };
    const network = build(made, look);
    const again = build(modelFrom(JSON.parse(JSON.stringify(network.config))), look);
    expect(again.config).toEqual(network.config);
    expect(again.root.config).toEqual(network.root.config);
    const before = tf.memory().numTensors;
    await tidied(async () => {
      const state = initialize(network, keyOf(1));
      expect(countNumbers(state.params)).toBeGreaterThan(0);
      const images = tf.randomNormal([3, 9, 8, 3], 0, 1, 'float32', 1);
      for (const training of [true, false]) {
        const { logits, updates } = forward(network, state, images, { training });
        expect(logits.shape).toEqual([3, 4]);
        expect((await logits.data()).every(Number.isFinite)).toBe(true);
        expect(Object.keys(updates).sort()).toEqual(training ? Object.keys(state.stats).sort() : []);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
