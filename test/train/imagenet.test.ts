/** Models in torchvision's and timm's layout: their logits and a step against PyTorch, with weights from a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import {
  classifier,
  type Model,
  resnet18,
  resnet34,
  resnet50,
  sgd,
  vit,
  vitS16,
} from '../../src/train/index.js';
import { layerFrom, maxPool } from '../../src/train/layers/index.js';
import { build, forward } from '../../src/train/models/model.js';
import { disposeState, readScalars } from '../../src/train/state/tensors.js';
import { loadWeights, openWeights } from '../../src/train/weights/load-weights.js';
import { axisOrder, reordered } from '../../src/train/weights/stored-order.js';
import {
  applyLayer,
  backendsHere,
  declare,
  type Golden,
  golden,
  numbersOf,
  offBy,
  onEveryBackend,
  tidied,
  useBackend,
} from './golden.js';
import { stored, uniformOf, writeSafetensors } from './keyed-weights.js';

interface Case {
  model: string;
  batch: number;
  side: number;
  parameters: number;
  tensors: [string, number[]][];
  logits: number[];
}
interface Step {
  model: string;
  batch: number;
  side: number;
  rate: number;
  loss: number;
  changes: Record<string, [norm: number, along: number]>;
}
interface Pool {
  size: number;
  stride: number;
  padding: number;
  y: Golden;
  dx: Golden;
}
const { cases, step, pools } = golden<{ cases: Case[]; step: Step; pools: Pool[] }>('imagenet.json');

const MODELS: Record<string, () => Model> = { resnet18, resnet34, resnet50, vitS16 };
const classes = (count: number) => Array.from({ length: count }, (_, i) => `class ${i}`);

const dir = mkdtempSync(path.join(tmpdir(), 'rxaug-imagenet-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const images = (batch: number, side: number) =>
  tf.tensor(
    uniformOf('images', batch * side * side * 3).map((u) => 2 * u),
    [batch, side, side, 3],
  );

/** A file of a case's tensors, and a network with what is read from it. */
function loaded({ model, side, tensors }: Pick<Case, 'model' | 'side' | 'tensors'>) {
  const file = path.join(dir, `${model}-${side}.safetensors`);
  writeSafetensors(
    file,
    tensors.map(([name, shape]) => stored(name, shape)),
    { format: 'pt' },
  );
  const network = build((MODELS[model] as () => Model)(), { input: [side, side, 3], classes: classes(10) });
  const open = openWeights(file);
  try {
    return { network, ...loadWeights(network, open, keyOf(0)) };
  } finally {
    open.file.close();
    rmSync(file);
  }
}

describe('against PyTorch, the quickest backend here', () => {
  beforeAll(async () => {
    const here = await backendsHere();
    await useBackend(here.includes('tensorflow') ? 'tensorflow' : 'wasm');
  });

  test.each(cases)('logits of $model at $side pixels', async (c) => {
    const before = tf.memory().numTensors;
    const { network, weights, sentence } = loaded(c);
    const count = network.params.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(count).toBe(c.parameters);
    expect(sentence).toContain(`${c.tensors.length} tensors of `);
    await tidied(async () => {
      const { logits } = forward(network, weights, images(c.batch, c.side));
      const values = await logits.data();
      expect(values.length).toBe(c.logits.length);
      const worst = Math.max(...c.logits.map((value, i) => Math.abs((values[i] as number) - value)));
      expect(worst).toBeLessThan(1e-4);
    });
    disposeState({ ...weights, slots: {} });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a step of resnet18 moves every weight and statistic as PyTorch does', async () => {
    const { model, batch, side, rate, changes } = step;
    const { tensors } = cases.find((c) => c.model === model) as Case;
    const { network, weights } = loaded({ model, side, tensors });
    const layout = network.weights as NonNullable<typeof network.weights>;
    const task = classifier(network, { optimizer: sgd({ momentum: 0 }) });
    const state = { ...weights, slots: {} };
    await tidied(async () => {
      const targets = tf.oneHot(tf.tensor1d(Int32Array.from({ length: batch }, (_, i) => i)), 10);
      const feed = {
        images: images(batch, side),
        targets: targets.toFloat(),
        learningRate: tf.scalar(rate),
      };
      const { state: after, metrics } = task.step(state, feed, { key: keyOf(0), progress: 0 });
      const { loss } = await readScalars(metrics);
      expect(Math.abs((loss as number) / step.loss - 1)).toBeLessThan(1e-4);
      const seen = new Set<string>();
      for (const { name, shape } of [...network.params, ...network.stats]) {
        const part = name in after.params ? 'params' : 'stats';
        const change = await numbersOf(tf.sub(after[part][name], state[part][name]));
        const order = axisOrder(shape.length);
        const there = layout.stored(name, shape).name;
        const [norm, along] = changes[there] as [number, number];
        seen.add(there);
        // The direction in the order of our axes.
        const back = uniformOf(`along/${there}`, change.length);
        const fileShape = order ? tensors.find(([n]) => n === there)?.[1] : undefined;
        const direction = order && fileShape ? reordered(back, fileShape, order) : back;
        const length = Math.sqrt(change.reduce((sum, x) => sum + x * x, 0));
        const product = change.reduce((sum, x, i) => sum + x * (direction[i] as number), 0);
        expect(Math.abs(length / norm - 1), `${name}: norm`).toBeLessThan(1e-3);
        expect(Math.abs(product - along) / norm, `${name}: along`).toBeLessThan(1e-3);
      }
      expect([...seen].sort()).toEqual(Object.keys(changes).sort());
    });
    disposeState(state);
  });
});

onEveryBackend('padded max pools on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(pools)('of $size with stride $stride and padding $padding', async ({ y, dx, ...options }) => {
    const { size, ...rest } = options;
    const layer = maxPool(size, rest);
    expect(layerFrom(JSON.parse(JSON.stringify(layer.config))).config).toEqual(layer.config);
    await tidied(async () => {
      const x = tf.tensor(
        uniformOf('pool', 2 * 7 * 6 * 3).map((u) => u - 2),
        [2, 7, 6, 3],
      );
      const { output } = declare(layer, [7, 6, 3]);
      expect([2, ...output]).toEqual(y.shape);
      expect(await offBy(applyLayer(layer, x).y, y)).toBeLessThan(1e-6);
      const dy = tf.tensor(uniformOf('pool/dy', y.values.length), y.shape);
      const gradient = tf.grad((given) => applyLayer(layer, given).y)(x, dy);
      expect(await offBy(gradient, dx)).toBeLessThan(1e-6);
    });
  });
});

test('a max pool is padded by half its window at most', () => {
  expect(() => maxPool(3, { padding: 2 })).toThrow(
    'maxPool: padding: expected a padding of at most half a window',
  );
  expect(() => declare(maxPool(3, { padding: 1 }), [0, 4, 1])).toThrow('images of at least 1 pixels a side');
  expect(maxPool(3, { stride: 2 }).config).toEqual({ layer: 'maxPool', size: 3, stride: 2 });
});

describe('without weights', () => {
  const count = (model: Model, side = 224) =>
    build(model, { input: [side, side, 3], classes: classes(1000) }).params.reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );

  test.each([
    [resnet18(), 11_689_512],
    [resnet34(), 21_797_672],
    [resnet50(), 25_557_032],
    [vitS16(), 22_050_664],
  ])('$name has as many parameters as torchvision and timm say', (model, parameters) => {
    expect(count(model)).toBe(parameters);
  });

  test('a ResNet has the same weights for every size, a ViT has not', () => {
    expect(count(resnet50(), 32)).toBe(25_557_032);
    expect(count(vitS16(), 96)).toBe(22_050_664 - (14 * 14 - 6 * 6) * 384);
  });

  test('width, stochastic depth and dropout change what they say, and unknown options are refused', () => {
    expect(resnet18({ width: 8 }).name).toBe('resnet18x8');
    const plain = build(resnet18({ width: 4 }), { input: [32, 32, 3], classes: classes(3) });
    const noisy = build(resnet18({ width: 4, stochasticDepth: 0.2, dropout: 0.1 }), plain);
    expect(noisy.params.map(({ name }) => name)).toEqual(plain.params.map(({ name }) => name));
    expect(() => resnet18({ widht: 8 } as never)).toThrow('resnet18:');
    expect(() => vitS16({ width: 8 } as never)).toThrow('vitS16:');
    expect(vit({ pool: 'mean' }).weights).toBeUndefined();
  });
});
