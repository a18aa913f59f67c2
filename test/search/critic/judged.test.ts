/** What is computed by hand in one pass is what the tape gives, network by network; and so are the steps of Adam. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { fold, keyOf, tag } from '../../../src/core/index.js';
import { between, gradientPenalty } from '../../../src/gan/adversarial/losses.js';
import { learner } from '../../../src/gan/learner.js';
import { initializeParts, run, type Weights } from '../../../src/gan/part.js';
import { flatAdam } from '../../../src/search/critic/flat-adam.js';
import { buildNetworks, centered, type Networks, scoreOf } from '../../../src/search/critic/networks.js';
import { type Case, hardnessOf, judged } from '../../../src/search/critic/objective.js';
import { crossEntropy, perSample } from '../../../src/train/losses/cross-entropy.js';
import { adam } from '../../../src/train/optimizers/adam.js';
import { startAverage, weightsOf } from '../../../src/train/optimizers/ema.js';
import { valueAndGradient } from '../../../src/train/state/gradient.js';
import type { State, Tensors } from '../../../src/train/state/tensors.js';
import { useBackend } from '../../train/golden.js';
import { pictures } from '../twins/tools.js';

beforeAll(() => useBackend('wasm'));

const [ROWS, SIDE, CLASSES] = [6, 16, 3];

const imagesBy = (n: number) => tf.tensor4d(pictures([ROWS, SIDE, SIDE, 3], keyOf(n)), [ROWS, SIDE, SIDE, 3]);

/** Weights and statistics that are no first ones: of these, biases and means are 0. */
function stateOf(nets: Networks): State {
  const { params, stats } = initializeParts([nets.critic, nets.student, nets.teacher], keyOf(1));
  let nth = 0;
  const moved = (tensors: Tensors, low: number, high: number): Tensors =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [
        name,
        tf.add(tensor, tf.randomUniform(tensor.shape, low, high, 'float32', 7 + nth++)),
      ]),
    );
  const [own, ownStats] = [moved(params, -0.1, 0.1), moved(stats, 0.05, 0.3)];
  const ofTeacher = (all: Tensors) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('teacher/')));
  const average = startAverage({
    params: moved(ofTeacher(own), -0.1, 0.1),
    stats: moved(ofTeacher(ownStats), 0, 0.2),
  });
  return { params: own, stats: ownStats, slots: average };
}

/** The same with the tape, as the formulas are written. */
function reference(images: tf.Tensor4D, given: Case) {
  const { nets, state, clean, classes, real, fresh, lambda, key, options } = given;
  const score = scoreOf(nets, state, fresh);
  const spread = tf.sqrt(tf.add(tf.moments(score).variance, 1e-12));
  const judge = (x01: tf.Tensor4D) => {
    const x = centered(x01);
    const hardness = hardnessOf(run<tf.Tensor2D>(nets.student, state, x).y, classes);
    const unreal = tf.neg(tf.div(scoreOf(nets, state, x), spread));
    const teacher = perSample(run<tf.Tensor2D>(nets.teacher, weightsOf(state), x).y, classes);
    const loss = tf.addN([
      tf.mul(hardness, options.hardness),
      tf.mul(unreal, lambda),
      tf.mul(teacher, options.teacher),
    ]);
    return { hardness, unreal, teacher, loss };
  };
  const alone = judge(clean).loss;
  const own = judge(images);
  const gradient = tf.grad((x) => tf.mean(judge(x as tf.Tensor4D).loss))(images);
  const params = Object.fromEntries(
    nets.critic.params.map(({ name }) => [name, state.params[name] as tf.Tensor]),
  );
  const fake = centered(images);
  const lesson = valueAndGradient(() => {
    const weights: Weights = { params, stats: {} };
    const distance = tf.sub(tf.mean(scoreOf(nets, weights, real)), tf.mean(scoreOf(nets, weights, fake)));
    const at = between(real, fake, fold(key, tag('between')));
    const penalty = gradientPenalty((x) => scoreOf(nets, weights, x), at);
    return {
      loss: tf.sub(tf.mul(penalty, options.penalty), distance) as tf.Scalar,
      aux: { distance, penalty },
    };
  }, params);
  return {
    loss: tf.mean(own.loss),
    gradient,
    aux: {
      gain: tf.sub(own.loss, alone),
      gap: tf.add(tf.mean(own.unreal), tf.div(tf.mean(score), spread)),
      hardness: tf.mean(own.hardness),
      teacher: tf.mean(own.teacher),
      ...lesson.aux,
      ...lesson.gradients,
    } as Tensors,
  };
}

/** Of the difference, beside that of what is expected. */
function distance(found: tf.Tensor, expected: tf.Tensor): number {
  const [a, b] = [found.dataSync(), expected.dataSync()];
  let [off, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    off += ((a[i] as number) - (b[i] as number)) ** 2;
    size += (b[i] as number) ** 2;
  }
  return Math.sqrt(off / Math.max(size, 1e-20));
}

describe('judged', () => {
  const nets = buildNetworks([SIDE, SIDE, 3], CLASSES, 4);
  const caseOf = (options: Case['options']): Case => ({
    ...{ nets, state: stateOf(nets), clean: imagesBy(2), lambda: tf.scalar(1.7), key: keyOf(3), options },
    ...{ real: centered(imagesBy(4)), fresh: centered(imagesBy(5)) },
    classes: tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), CLASSES).toFloat() as tf.Tensor2D,
  });

  it.each([
    ['all that it weighs', { hardness: 0.3, teacher: 1.2, penalty: 10 }],
    ['hardness alone', { hardness: 1, teacher: 0, penalty: 1 }],
    ['the teacher alone', { hardness: 0, teacher: 1, penalty: 0.1 }],
  ])('gives losses and gradients as the tape does: %s', (_, options) => {
    tf.tidy(() => {
      const given = caseOf(options);
      const images = imagesBy(6);
      const expected = reference(images, given);
      let found: ReturnType<typeof judged> | undefined;
      const gradient = tf.grad((x) => {
        found = judged(x as tf.Tensor4D, given);
        return found.loss;
      })(images);
      const { aux } = found as ReturnType<typeof judged>;
      expect(Object.keys(aux).sort()).toEqual(Object.keys(expected.aux).sort());
      expect(distance(gradient, expected.gradient)).toBeLessThan(1e-4);
      expect(expected.gradient.abs().max().dataSync()[0]).toBeGreaterThan(1e-4);
      for (const [name, tensor] of Object.entries(expected.aux)) {
        const own = aux[name as keyof typeof aux];
        expect(own.shape, name).toEqual(tensor.shape);
        if (name === 'critic/score/bias') expect(own.dataSync()[0]).toBe(0);
        else expect(distance(own, tensor), name).toBeLessThan(2e-4);
      }
      tf.dispose(aux as never);
    });
  });
});

it('Adam on one vector takes the steps of Adam', () => {
  tf.tidy(() => {
    const nets = buildNetworks([SIDE, SIDE, 3], CLASSES, 4);
    const options = { beta1: 0.5, beta2: 0.999 };
    const flat = flatAdam(nets.student, options);
    const plain = learner('student', [nets.student], { optimizer: adam(options) });
    const start = stateOf(nets);
    const rate = tf.scalar(1e-2);
    const classes = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), CLASSES).toFloat() as tf.Tensor2D;
    let [a, b]: State[] = [
      { ...start, slots: flat.init() },
      { ...start, slots: plain.init(start.params) },
    ] as [State, State];
    for (let step = 0; step < 4; step++) {
      const images = centered(imagesBy(20 + step));
      const { gradients } = valueAndGradient(
        () => ({
          loss: crossEntropy(
            run<tf.Tensor2D>(nets.student, a as State, images, { training: true }).y,
            classes,
          ),
          aux: {},
        }),
        flat.own(a as State),
      );
      a = flat.learn(a as State, gradients, rate);
      b = plain.learn(b as State, gradients, rate).state;
    }
    for (const { name } of nets.student.params) {
      const [own, other, before] = [a, b, start].map((one) => (one as State).params[name] as tf.Tensor);
      expect(distance(own as tf.Tensor, before as tf.Tensor), name).toBeGreaterThan(1e-3);
      expect(distance(own as tf.Tensor, other as tf.Tensor), name).toBeLessThan(1e-5);
    }
    expect(a?.params['critic/conv1/kernel']).toBe(start.params['critic/conv1/kernel']);
  });
});
