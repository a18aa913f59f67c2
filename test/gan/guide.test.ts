/** A guide: what it learns from, and what it asks of the generator. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { fold, keyOf, tag } from '../../src/core/index.js';
import type { AdversarialTraining } from '../../src/gan/adversarial/adversarial-task.js';
import { augmented, drawAugments } from '../../src/gan/adversarial/diff-augment.js';
import type { BuiltGan } from '../../src/gan/adversarial/gan.js';
import {
  buildGuide,
  classMismatchLoss,
  type Guide,
  guideParts,
  lesson,
} from '../../src/gan/adversarial/guide.js';
import { gan } from '../../src/gan/adversarial/kind.js';
import { adversarial } from '../../src/gan/adversarial/task.js';
import type { BuiltDagan } from '../../src/gan/dagan/dagan.js';
import { dagan } from '../../src/gan/dagan/kind.js';
import { augmenting } from '../../src/gan/dagan/task.js';
import { partners } from '../../src/gan/pairs.js';
import { initializeParts, oneHot, run } from '../../src/gan/part.js';
import { sgd } from '../../src/train/index.js';
import { crossEntropy } from '../../src/train/losses/cross-entropy.js';
import { normal } from '../../src/train/ops/noise.js';
import { valueAndGradient } from '../../src/train/state/gradient.js';
import type { State, Tensors } from '../../src/train/state/tensors.js';
import { tensor } from '../train/backends/gradients.js';
import { useBackend } from '../train/golden.js';
import { expectSlopes } from './slopes.js';

beforeAll(() => useBackend('wasm'));

const image = [8, 8, 3];
const look = { input: image, classes: ['cat', 'dog', 'eel'] };
const key = keyOf(2);
const RATE = 0.1;

interface Given extends Partial<AdversarialTraining> {
  readonly guidance?: number;
  readonly labels?: number[];
}

/** A step of SGD on images of noise, the critic's rate twice the generator's. */
function stepped(kind: 'gan' | 'dagan', { guidance, labels = [0, 0, 0, 1, 1, 1], ...more }: Given) {
  const learning = { optimizer: sgd(), criticRate: 2, criticSteps: 1, gradientPenalty: 0, ...more };
  const sizes = { latent: 5, width: 4, criticWidth: 4, loss: 'hinge', guidance } as const;
  const task =
    kind === 'gan'
      ? adversarial({ ...learning, model: gan(sizes) })(look)
      : augmenting({ ...learning, model: dagan({ ...sizes, network: 'code' }) })(look);
  const before = task.init(keyOf(1));
  const images = tensor(3, [6, ...image] as never) as tf.Tensor4D;
  const classes = oneHot(labels, 3);
  const feed = { images, classes, learningRate: tf.scalar(RATE) };
  const { state: after, metrics } = task.step(before, feed, { key, progress: 0 });
  const told = Object.fromEntries(Object.entries(metrics).map(([name, x]) => [name, x.dataSync()[0]]));
  return { built: task.built, guide: task.built.guide as Guide, before, after, images, classes, told };
}
type Stepped = ReturnType<typeof stepped>;

const only = ({ params }: State, start: string): Tensors =>
  Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith(start)));
const furthest = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

/** What was learned is a step down the slope of that. */
function expectLearned(
  { before, after }: Stepped,
  start: string,
  rate: number,
  f: (params: Tensors) => { loss: tf.Scalar; updates?: Tensors },
  from: State = before,
): number {
  const own = only(before, start);
  const { loss, gradients, aux } = valueAndGradient(() => {
    const { loss, updates = {} } = f(own);
    return { loss, aux: updates };
  }, own);
  const most = Object.values(gradients).map((gradient) => tf.max(tf.abs(gradient)).dataSync()[0]);
  expect(Math.max(...most)).toBeGreaterThan(1e-2); // else the test could not fail
  for (const [name, gradient] of Object.entries(gradients)) {
    // What is not there without a guide moves from where it began.
    const wanted = tf.sub(from.params[name] ?? before.params[name], tf.mul(gradient, rate));
    expect(furthest(after.params[name], wanted), name).toBeLessThan(2e-6);
  }
  for (const [name, wanted] of Object.entries(aux)) {
    expect(furthest(after.stats[name], wanted), name).toBeLessThan(1e-6);
  }
  return loss.dataSync()[0];
}

describe('a guide', () => {
  test('its loss has correct gradients in its kernels, and the mismatch loss in the images', () => {
    const guide = buildGuide(image, { width: 4, classes: 3, guidance: 1 }) as Guide;
    const weights = initializeParts(guideParts(guide), keyOf(2));
    const x = tensor(3, [4, ...image] as never) as tf.Tensor4D;
    const classes = oneHot([0, 2, 1, 1], 3);
    const kernels = Object.entries(weights.params).filter(([name]) => name.endsWith('kernel'));
    expectSlopes(
      (moved) => lesson(guide, { ...weights, params: { ...weights.params, ...moved } }, x, classes).loss,
      Object.fromEntries(kernels),
      1e-3,
      2e-2,
    );
    expectSlopes(({ x }) => classMismatchLoss(guide, weights, x as tf.Tensor4D, classes), { x }, 1e-3, 2e-2);
    tf.tidy(() => {
      // Its statistics are those of real images: what it says of one does not depend on the others.
      const [all, ...each] = [[0, 1], [0], [1]].map((rows) =>
        classMismatchLoss(guide, weights, tf.gather(x, rows) as tf.Tensor4D, tf.gather(classes, rows)),
      );
      const mean = tf.mean(tf.stack(each)).dataSync()[0];
      expect(all.dataSync()[0]).toBeCloseTo(mean, 5);
    });
    tf.dispose([weights.params, weights.stats, x, classes] as never);
  });

  test('of a GAN learns from the real images as the critic sees them, by its own loss alone', () =>
    void tf.tidy(() => {
      const step = stepped('gan', { guidance: 0.5, augment: { ops: ['brightness', 'translation'] } });
      const { guide, before, images, classes, told } = step;
      const own = fold(key, tag('critic'), 0);
      const draws = drawAugments(fold(own, tag('real')), images.shape, ['brightness', 'translation']);
      const seen = augmented(images, draws);
      const loss = expectLearned(step, 'guide/', 2 * RATE, (params) =>
        lesson(guide, { ...before, params }, seen, classes),
      );
      expect(told.guide).toBeCloseTo(loss, 6);
    }));

  test('of a DAGAN learns from the partners; an image that is alone in its class is its own', () =>
    void tf.tidy(() => {
      const step = stepped('dagan', { guidance: 0.5, labels: [0, 0, 0, 1, 1, 2] });
      const { guide, before, images, classes, told } = step;
      const { rows } = partners(classes, 1, fold(key, tag('critic'), 0));
      const order = [...rows[0].dataSync().slice(0, 5), 5];
      const seen = tf.gather(images, tf.tensor1d(order, 'int32'));
      const loss = expectLearned(step, 'guide/', 2 * RATE, (params) =>
        lesson(guide, { ...before, params }, seen, classes),
      );
      expect(told.guide).toBeCloseTo(loss, 6);
    }));

  test.each([undefined, 0.1])(
    'does not change the critic, clipped to %s or not',
    (clipNorm) =>
      void tf.tidy(() => {
        for (const kind of ['gan', 'dagan'] as const) {
          const [without, with_] = [undefined, 1].map((guidance) => stepped(kind, { guidance, clipNorm }));
          const critic = only(without.after, 'critic/');
          expect(Object.keys(critic).length).toBeGreaterThan(5);
          for (const [name, param] of Object.entries(critic)) {
            expect(furthest(param, with_.after.params[name]), name).toBe(0);
          }
          for (const name of ['loss', 'real', 'fake']) {
            expect(with_.told[name], name).toBe(without.told[name]);
          }
        }
      }),
  );

  test('has a GAN make images of their class: λ times the slope of its cross-entropy, beside the step without it', () =>
    void tf.tidy(() => {
      const without = stepped('gan', {});
      const step = stepped('gan', { guidance: 0.5 });
      const { guide, before, after, classes, told } = step;
      const { generator } = step.built as BuiltGan;
      const own = fold(key, tag('generator'));
      const noise = normal(fold(own, tag('noise')), [6, 5]);
      const wish = (params: Tensors) => {
        const mode = { training: true, key: own, condition: classes };
        const made = run<tf.Tensor4D>(generator, { ...before, params }, noise, mode).y;
        return { loss: classMismatchLoss(guide, after, made, classes) }; // by what the guide knows by now
      };
      const loss = expectLearned(step, 'generator/', 0.5 * RATE, wish, without.after);
      expect(told.guided).toBeCloseTo(loss, 5);
      expect(told.generator).toBe(without.told.generator);
    }));

  test('has codes of a DAGAN name the class too: a dense layer on 8 times their direction', () =>
    void tf.tidy(() => {
      const without = stepped('dagan', {});
      const step = stepped('dagan', { guidance: 0.5 });
      const { guide, before, after, images, classes, told } = step;
      const { generator } = step.built as BuiltDagan;
      const [encoder] = generator.parts;
      const own = fold(key, tag('generator'));
      const noise = normal(fold(own, tag('noise')), [6, 5]) as tf.Tensor2D;
      let [codes, guided] = [tf.scalar(0), tf.scalar(0)];
      const wish = (params: Tensors) => {
        const weights = { ...before, params };
        const made = generator.make(weights, images, noise, { training: true, key: own }).images;
        const raw = run<tf.Tensor2D>(encoder, weights, images, { training: true }).y;
        const direction = tf.div(raw, tf.norm(raw, 2, 1, true));
        const [kernel, bias] = ['kernel', 'bias'].map((name) => params[`generator/class/dense/${name}`]);
        const logits = tf.add(tf.matMul(tf.mul(direction, 8), kernel), bias) as tf.Tensor2D;
        [codes, guided] = [crossEntropy(logits, classes), classMismatchLoss(guide, after, made, classes)];
        tf.keep(codes);
        tf.keep(guided);
        return { loss: tf.add(codes, guided) as tf.Scalar };
      };
      expectLearned(step, 'generator/', 0.5 * RATE, wish, without.after);
      expect(told.codes).toBeCloseTo(codes.dataSync()[0], 4);
      expect(told.guided).toBeCloseTo(guided.dataSync()[0], 4);
      tf.dispose([codes, guided]);
      expect(told.generator).toBe(without.told.generator);
      expect(Object.keys(before.params)).toEqual(
        expect.arrayContaining(['generator/class/dense/kernel', 'generator/encoder/head/kernel']),
      );
    }));

  test('a weight of 0 or less is refused', () => {
    expect(() => gan({ guidance: 0 })).toThrow(/^gan: guidance: /);
    expect(() => dagan({ guidance: -1 })).toThrow(/^dagan: guidance: /);
  });
});
