/** Critics and what they are trained by: PyTorch's numbers, and finite differences through their parameters. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { moveAda, probabilityOf, startAda } from '../../src/gan/adversarial/ada.js';
import { buildCritic, criticise, criticParts } from '../../src/gan/adversarial/critic.js';
import { augmented, DIFF_AUGMENTS, drawAugments } from '../../src/gan/adversarial/diff-augment.js';
import { criticLoss, gradientPenalty } from '../../src/gan/adversarial/losses.js';
import { initializeParts, oneHot } from '../../src/gan/part.js';
import { conv2d, dense, flatten, leakyRelu, sequential, spectralNorm } from '../../src/train/index.js';
import { valueAndGradient } from '../../src/train/state/gradient.js';
import { mapTensors } from '../../src/train/state/tensors.js';
import { numbers, tensor } from '../train/backends/gradients.js';
import {
  applyLayer,
  type Golden,
  offBy,
  onEveryBackend,
  tensorOf,
  tidied,
  useBackend,
} from '../train/golden.js';
import { type Case, golden, meetCase } from './golden.js';
import { expectSlopes } from './slopes.js';

interface Penalty {
  x: Golden;
  params: Record<'kernel' | 'bias' | 'head', Golden>;
  stats: Record<string, Golden>;
  penalty: number;
  gradients: Record<'kernel' | 'bias' | 'head', Golden>;
}
interface Adversarial {
  losses: Record<'hinge' | 'wasserstein', Case>;
  penalty: Penalty;
  spectralPenalty: Penalty;
}
type Augmentation = Case & {
  draws: Record<'brightness' | 'saturation' | 'contrast' | 'down' | 'right' | 'top' | 'left', number[]>;
};

onEveryBackend('%s', (backend) => {
  beforeAll(() => useBackend(backend));
  const { losses, ...penalties } = golden<Adversarial>('adversarial.json');

  test('losses of the critic follow PyTorch', async () => {
    await meetCase(losses.hinge, ({ real, fake }) => criticLoss('hinge', real, fake));
    await meetCase(losses.wasserstein, ({ real, fake }) => criticLoss('wgan-gp', real, fake));
  });

  test.each(['penalty', 'spectralPenalty'] as const)(
    'the gradient penalty follows PyTorch, and its gradient: %s',
    async (name) => {
      const { x, params, stats, penalty, gradients } = penalties[name];
      const conv = conv2d(3, { kernel: 4, stride: 2 });
      const layer = name === 'penalty' ? conv : spectralNorm(conv);
      const rest = sequential([leakyRelu(), flatten(), dense(1, { bias: false, name: 'head' })]);
      const before = tf.memory().numTensors;
      await tidied(async () => {
        const given = Object.fromEntries(Object.entries(params).map(([k, v]) => [k, tensorOf(v)]));
        const vectors = Object.fromEntries(Object.entries(stats).map(([k, v]) => [k, tensorOf(v)]));
        const { loss, gradients: found } = valueAndGradient(() => {
          const score = (image: tf.Tensor) => {
            const { y } = applyLayer(layer, image, given, { stats: vectors, training: false });
            return applyLayer(rest, y, { 'head/kernel': given.head }).y;
          };
          return { loss: gradientPenalty(score, tensorOf(x)), aux: {} };
        }, given);
        expect(Math.abs((await loss.data())[0] - penalty)).toBeLessThan(1e-4 * penalty);
        for (const [k, expected] of Object.entries(gradients)) {
          if (k !== 'bias') expect(await offBy(found[k], expected), k).toBeLessThan(1e-4);
          else expect(Math.max(...(await found[k].abs().data()))).toBeLessThan(1e-6);
        }
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  const { draws, ...augmentation } = golden<Augmentation>('augmentation.json');
  test('DiffAugment follows PyTorch, forward and through the image', () => {
    return meetCase(augmentation, ({ x }) => {
      const of = (name: keyof typeof draws) => tf.tensor1d(draws[name]);
      return augmented(x as tf.Tensor4D, {
        brightness: of('brightness'),
        saturation: of('saturation'),
        contrast: of('contrast'),
        translation: { down: of('down'), right: of('right') },
        cutout: { top: of('top'), left: of('left'), on: tf.ones([4]) },
      });
    });
  });
});

describe('every critic that is shipped', () => {
  beforeAll(() => useBackend('wasm'));
  const image = [8, 8, 3];
  const classes = 3;

  test.each([
    ['projection', false],
    ['projection', true],
    ['auxiliary', false],
    ['auxiliary', true],
  ] as const)(
    '%s, spectral norm %s: the gradient penalty has right slopes through its parameters',
    (conditioning, spectral) => {
      const critic = buildCritic(image, { width: 4, classes, conditioning, spectral });
      const { params, stats } = initializeParts(criticParts(critic), keyOf(2));
      const x = tensor(3, [3, ...image] as never);
      const condition = oneHot([0, 2, 1], classes);
      expectSlopes(
        (moved) => {
          const score = (at: tf.Tensor) =>
            criticise(critic, { params: { ...params, ...moved }, stats }, at, condition).score;
          return gradientPenalty(score, x);
        },
        // Biases act through the signs of leaky relu alone: their slope is 0 but where a sign flips.
        Object.fromEntries(Object.entries(params).filter(([name]) => name.endsWith('kernel'))),
        1e-3,
        2e-2,
      );
      tf.dispose([params, stats, x, condition] as never);
    },
  );

  test.each([
    ['none', false],
    ['none', true],
    ['projection', false],
    ['projection', true],
  ] as const)(
    'of pairs, %s, spectral norm %s: the same, its companion on the channels',
    (conditioning, spectral) => {
      const critic = buildCritic([8, 8, 6], { width: 4, classes, conditioning, spectral });
      const told = oneHot([0, 2, 1], classes);
      const { params, stats } = initializeParts(criticParts(critic), keyOf(2));
      const x = tensor(3, [3, ...image] as never);
      const given = tensor(5, [3, ...image] as never); // of 4 a step turns the sign of one leaky relu
      expectSlopes(
        (moved) => {
          const weights = { params: { ...params, ...moved }, stats };
          const score = (at: tf.Tensor) => criticise(critic, weights, tf.concat([at, given], 3), told).score;
          return gradientPenalty(score, x);
        },
        Object.fromEntries(Object.entries(params).filter(([name]) => name.endsWith('kernel'))),
        1e-3,
        2e-2,
      );
      tf.dispose([params, stats, x, given, told] as never);
    },
  );

  test('spectral norm: the gradient takes the singular vectors for data, and σ for a function of the kernel', () => {
    const layer = spectralNorm(dense(4, { bias: false }));
    const [left, right] = tf.tidy(() => {
      const u = tensor(5, [4]);
      const v = tensor(6, [6]);
      return [tf.div(u, tf.norm(u)), tf.div(v, tf.norm(v))];
    });
    const x = tensor(7, [3, 6]);
    const weights = tensor(8, [3, 4]);
    const kernel = tensor(9, [6, 4]);
    expectSlopes(
      (params) => {
        const { y } = applyLayer(layer, x, params, { stats: { left, right }, training: false });
        return tf.sum(tf.mul(y, weights)) as tf.Scalar;
      },
      { kernel },
      1e-3,
      5e-3,
    );
    tf.dispose([left, right, x, weights, kernel]);
  });

  test('through augmentation too: the penalty at augmented images', () => {
    const critic = buildCritic(image, { width: 4, classes, conditioning: 'projection', spectral: false });
    const { params: first, stats } = initializeParts(criticParts(critic), keyOf(4));
    // Cutout makes windows that are 0 all over: a bias keeps them off the kink of leaky relu.
    const params = tf.tidy(() =>
      mapTensors(first, (w, name) => (name.endsWith('bias') ? tf.add(w, 0.3) : w.clone())),
    );
    const x = tensor(3, [3, ...image] as never) as tf.Tensor4D;
    const condition = oneHot([0, 2, 1], classes);
    expectSlopes(
      (moved) => {
        const score = (at: tf.Tensor) => {
          const seen = augmented(at as tf.Tensor4D, drawAugments(keyOf(1), at.shape, DIFF_AUGMENTS));
          return criticise(critic, { params: { ...params, ...moved }, stats }, seen, condition).score;
        };
        return gradientPenalty(score, x);
      },
      Object.fromEntries(Object.entries(params).filter(([name]) => name.endsWith('kernel'))),
      2e-4,
      2e-2,
    );
    tf.dispose([first, params, stats, x, condition] as never);
  });
});

describe('DiffAugment', () => {
  beforeAll(() => useBackend('cpu'));
  const values = () => tf.tensor4d(numbers(3, 6 * 16 * 16 * 3), [6, 16, 16, 3]);

  test('draws lie in their ranges; the key decides them; probability 0 is the identity, to the bit', () => {
    tf.tidy(() => {
      const x = values();
      const at = (key: number, p = 1) => drawAugments(keyOf(key), [500, 16, 16], DIFF_AUGMENTS, p);
      const all = at(1);
      const span = (t: tf.Tensor | undefined) => [
        tf.min(t as tf.Tensor).dataSync()[0],
        tf.max(t as tf.Tensor).dataSync()[0],
      ];
      expect(span(all.brightness)[0]).toBeGreaterThanOrEqual(-0.5);
      expect(span(all.brightness)[1]).toBeLessThan(0.5);
      expect(span(all.saturation)[1] - span(all.saturation)[0]).toBeGreaterThan(1.9);
      expect(span(all.contrast)[0]).toBeGreaterThanOrEqual(0.5);
      expect(span(all.translation?.down)).toEqual([-2, 2]);
      expect(span(all.cutout?.top)).toEqual([-4, 12]);
      expect(at(1).brightness?.dataSync()).toEqual(all.brightness?.dataSync());
      expect(at(2).brightness?.dataSync()).not.toEqual(all.brightness?.dataSync());
      const none = drawAugments(keyOf(1), x.shape, DIFF_AUGMENTS, 0);
      expect(Math.max(...tf.abs(tf.sub(augmented(x, none), x)).dataSync())).toBeLessThan(1e-6);
      const half = at(3, 0.5).brightness as tf.Tensor;
      expect(Math.abs(tf.mean(tf.equal(half, 0).toFloat()).dataSync()[0] - 0.5)).toBeLessThan(0.1);
    });
  });
});

test('ADA: p climbs while the critic is too sure of real images, falls when it is not, and stays in [0, 1]', () => {
  tf.tidy(() => {
    const options = { target: 0.6, speed: 400 };
    const sure = tf.fill([10], 3) as tf.Tensor1D;
    const unsure = tf.tensor1d([1, 1, 1, 1, 1, 1, 1, -1, -1, -1]); // r = 0.4
    let slots = startAda();
    const p = () => probabilityOf(slots).dataSync()[0];
    for (let i = 0; i < 3; i++) slots = moveAda(slots, sure, options);
    expect(p()).toBe(0);
    slots = moveAda(slots, sure, options);
    expect(p()).toBeCloseTo(0.1, 6);
    for (let i = 0; i < 4; i++) slots = moveAda(slots, unsure, options);
    expect(p()).toBe(0);
    for (let i = 0; i < 60; i++) slots = moveAda(slots, sure, options);
    expect(p()).toBe(1);
  });
});
