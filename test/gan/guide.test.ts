/** A guide: what it learns from, what it asks for, and that a generator comes to do so. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { gan } from '../../src/gan/adversarial/gan.js';
import { buildGuide, type Guide, guideParts, lesson, unlikeness } from '../../src/gan/adversarial/guide.js';
import { adversarial } from '../../src/gan/adversarial/task.js';
import { type BuiltDagan, dagan } from '../../src/gan/dagan/dagan.js';
import { augmenting } from '../../src/gan/dagan/task.js';
import { initialiseParts, oneHot } from '../../src/gan/part.js';
import { valueAndGradient } from '../../src/train/gradient.js';
import { sgd } from '../../src/train/index.js';
import { crossEntropy } from '../../src/train/losses/cross-entropy.js';
import type { State } from '../../src/train/tensors.js';
import { tensor } from '../train/backends/gradients.js';
import { useBackend } from '../train/golden.js';
import { expectSlopes } from './slopes.js';

beforeAll(() => useBackend('wasm'));

const image = [8, 8, 3];
const look = { input: image, classes: ['cat', 'dog', 'eel'] };
const labels = [0, 0, 0, 1, 1, 1];

/** A step of SGD with a learning rate of 0.1 on images of noise. */
function stepped(kind: 'gan' | 'dagan', guidance: number | undefined) {
  const learning = { optimizer: sgd(), criticRate: 2, criticSteps: 1, gradientPenalty: 0 };
  const sizes = { latent: 5, width: 4, criticWidth: 4, loss: 'hinge', guidance } as const;
  const task =
    kind === 'gan'
      ? adversarial({ ...learning, model: gan(sizes) })(look)
      : augmenting({ ...learning, model: dagan({ ...sizes, network: 'code' }) })(look);
  const before = task.init(keyOf(1));
  const images = tensor(3, [6, ...image] as never) as tf.Tensor4D;
  const classes = oneHot(labels, 3);
  const feed = { images, classes, learningRate: tf.scalar(0.1) };
  const { state: after, metrics } = task.step(before, feed, { key: keyOf(2), progress: 0 });
  return { built: task.built, guide: task.built.guide as Guide, before, after, images, classes, metrics };
}

const namesOf = ({ params }: State, start: string) =>
  Object.keys(params).filter((name) => name.startsWith(start));
const furthest = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

describe('a guide', () => {
  test('its lesson has right slopes through its kernels, and its wish through the images', () => {
    const guide = buildGuide(image, { width: 4, classes: 3, guidance: 1 }) as Guide;
    const weights = initialiseParts(guideParts(guide), keyOf(2));
    const x = tensor(3, [4, ...image] as never) as tf.Tensor4D;
    const classes = oneHot([0, 2, 1, 1], 3);
    const kernels = Object.entries(weights.params).filter(([name]) => name.endsWith('kernel'));
    expectSlopes(
      (moved) => lesson(guide, { ...weights, params: { ...weights.params, ...moved } }, x, classes).loss,
      Object.fromEntries(kernels),
      1e-3,
      2e-2,
    );
    expectSlopes(({ x }) => unlikeness(guide, weights, x as tf.Tensor4D, classes), { x }, 1e-3, 2e-2);
    tf.dispose([weights.params, weights.stats, x, classes] as never);
  });

  test('learns from the real images, by its own loss alone', () =>
    void tf.tidy(() => {
      const { guide, before, after, images, classes, metrics } = stepped('gan', 0.5);
      const own = Object.fromEntries(namesOf(before, 'guide/').map((name) => [name, before.params[name]]));
      const { loss, gradients, aux } = valueAndGradient(() => {
        const { loss, updates } = lesson(guide, { ...before, params: own }, images, classes);
        return { loss, aux: updates };
      }, own);
      expect(metrics.guide.dataSync()[0]).toBeCloseTo(loss.dataSync()[0], 6);
      for (const [name, gradient] of Object.entries(gradients)) {
        const wanted = tf.sub(before.params[name], tf.mul(gradient, 0.2));
        expect(furthest(after.params[name], wanted), name).toBeLessThan(1e-6);
      }
      for (const [name, wanted] of Object.entries(aux)) {
        expect(furthest(after.stats[name], wanted), name).toBeLessThan(1e-6);
      }
    }));

  test.each(['gan', 'dagan'] as const)(
    'of a %s moves the generator in proportion to λ, and leaves the critic as it is',
    (kind) =>
      void tf.tidy(() => {
        const [none, once, twice] = [undefined, 0.5, 1].map((guidance) => stepped(kind, guidance));
        for (const name of namesOf(none.after, 'critic/')) {
          expect(furthest(none.after.params[name], twice.after.params[name]), name).toBe(0);
        }
        let most = 0;
        for (const name of namesOf(none.after, 'generator/')) {
          const [by, byTwice] = [once, twice].map(({ after }) =>
            tf.sub(after.params[name], none.after.params[name]),
          );
          most = Math.max(most, furthest(by, tf.zerosLike(by)));
          expect(furthest(tf.mul(by, 2), byTwice), name).toBeLessThan(1e-6);
        }
        expect(most).toBeGreaterThan(1e-4);
      }),
  );

  test('has codes name the class, 8 times their direction through a dense layer', () =>
    void tf.tidy(() => {
      const { built, before, images, classes, metrics } = stepped('dagan', 0.5);
      const noise = tf.zeros<tf.Rank.R2>([6, 5]);
      const { logits } = (built as BuiltDagan).generator.make(before, images, noise, { training: true });
      expect(logits?.shape).toEqual([6, 3]);
      const wanted = crossEntropy(logits as tf.Tensor2D, classes).dataSync()[0];
      expect(metrics.codes.dataSync()[0]).toBeCloseTo(wanted, 5);
    }));

  test('a weight of 0 or less is no guide but a mistake', () => {
    expect(() => gan({ guidance: 0 })).toThrow(/^gan: guidance: /);
    expect(() => dagan({ guidance: -1 })).toThrow(/^dagan: guidance: /);
  });
});
