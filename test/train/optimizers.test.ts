import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { adam, adamw, type Optimizer, optimizerFrom, sgd } from '../../src/train/index.js';
import { clipByGlobalNorm, clipByValue, globalNorm } from '../../src/train/optimizers/clip.js';
import { addL2, subtractSteps } from '../../src/train/optimizers/decay.js';
import type { Tensors } from '../../src/train/state/tensors.js';
import { numbersOf, onEveryBackend, tidied, useBackend } from './golden.js';

const numbers = async (tensors: Tensors) =>
  Object.fromEntries(
    await Promise.all(Object.entries(tensors).map(async ([name, t]) => [name, await numbersOf(t)] as const)),
  );

/** Minimizes Σ(w − 3)²/2 for w = [0, 10]; gives w after each step. */
async function descend(
  optimizer: Optimizer,
  steps: number,
  { rate = 0.1, l2 = 0, weightDecay = 0 } = {},
): Promise<number[][]> {
  const made = tf.tidy(() => {
    let params: Tensors = { w: tf.tensor1d([0, 10]) };
    let slots = optimizer.init(params);
    const learningRate = tf.scalar(rate);
    const which = new Set(['w']);
    return Array.from({ length: steps }, () => {
      const gradients = addL2({ w: tf.sub(params.w, 3) }, params, l2, which);
      const updates = optimizer.update(gradients, slots, learningRate);
      slots = updates.slots;
      params = subtractSteps(params, updates.steps, { lambda: weightDecay, learningRate, which });
      return params.w;
    });
  });
  const all = await Promise.all(made.map(numbersOf));
  tf.dispose(made);
  return all;
}

onEveryBackend('optimizers on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([sgd({ momentum: 0 }), sgd(), sgd({ nesterov: true }), adam(), adamw({ beta1: 0 })])(
    '$config: reaches the minimum, leaks nothing, survives JSON',
    async (optimizer) => {
      const before = tf.memory().numTensors;
      const last = (await descend(optimizer, 300)).at(-1) as number[];
      expect(Math.max(...last.map((w) => Math.abs(w - 3)))).toBeLessThan(0.05);
      expect(tf.memory().numTensors).toBe(before);
      expect(optimizerFrom(JSON.parse(JSON.stringify(optimizer.config))).config).toEqual(optimizer.config);
    },
  );

  test('L2 and decoupled decay are one thing under plain SGD and two under momentum and Adam', async () => {
    const differ = async (make: () => Optimizer) => {
      const l2 = await descend(make(), 5, { l2: 0.3 });
      const decay = await descend(make(), 5, { weightDecay: 0.3 });
      return Math.max(...l2.flat().map((w, i) => Math.abs(w - decay.flat()[i])));
    };
    expect(await differ(() => sgd({ momentum: 0 }))).toBeLessThan(1e-5);
    expect(await differ(() => sgd())).toBeGreaterThan(0.01);
    expect(await differ(() => adam())).toBeGreaterThan(0.01);
  });

  test('under momentum m, L2 of λ ends where decay of λ/(1 − m) does', async () => {
    const l2 = (await descend(sgd(), 400, { rate: 0.05, l2: 0.05 })).at(-1) as number[];
    const decay = (await descend(sgd(), 400, { rate: 0.05, weightDecay: 0.5 })).at(-1) as number[];
    expect(l2[0]).toBeCloseTo(3 / 1.05, 3);
    expect(decay[0]).toBeCloseTo(3 / 1.05, 3);
  });

  test('decay takes the parameters that it is told and no other', () =>
    tidied(async () => {
      const params = { w: tf.scalar(2), b: tf.scalar(2) };
      const zero = { w: tf.scalar(0), b: tf.scalar(0) };
      const decay = { lambda: 0.5, learningRate: tf.scalar(0.1) as tf.Scalar, which: new Set(['w']) };
      const { w, b } = await numbers(subtractSteps(params, zero, decay));
      expect(w[0]).toBeCloseTo(2 * (1 - 0.05), 6);
      expect(b).toEqual([2]);
      expect(await numbers(addL2(zero, params, 0.5, decay.which))).toEqual({ w: [1], b: [0] });
    }));

  test('clipping: by the norm of all together, or number by number', () =>
    tidied(async () => {
      const gradients = { a: tf.tensor1d([3, 0]), b: tf.scalar(-4) };
      const norm = globalNorm(gradients);
      expect((await norm.data())[0]).toBeCloseTo(5, 6);
      const clipped = await numbers(clipByGlobalNorm(gradients, 1, norm));
      expect(clipped.a[0]).toBeCloseTo(0.6, 5);
      expect(clipped.b[0]).toBeCloseTo(-0.8, 5);
      expect(await numbers(clipByGlobalNorm(gradients, 10, norm))).toEqual({ a: [3, 0], b: [-4] });
      expect(await numbers(clipByValue(gradients, 2))).toEqual({ a: [2, 0], b: [-2] });
    }));

  test('options out of range', () => {
    expect(() => sgd({ momentum: 1 })).toThrow('sgd: momentum:');
    expect(() => adam({ beta2: -1 })).toThrow('adam: beta2:');
    expect(() => optimizerFrom({ optimizer: 'adamax' })).toThrow(
      "unknown optimizer 'adamax'; did you mean 'adam'?",
    );
  });
});
