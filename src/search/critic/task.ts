/**
 * The search by a critic as a task of the trainer: in each step the policy augments a batch of the search split and
 * learns from what critic, student and teacher say of it; then critic and student learn from the same augmented images,
 * and the teacher from clean ones.
 */
import { fold, type Key, permuted, RxaugError, tag } from '../../core/index.js';
import { between, gradientPenalty } from '../../gan/adversarial/losses.js';
import { learner } from '../../gan/learner.js';
import { initializeParts, run } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { checkBatch, imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { accuracy, crossEntropy, perSample } from '../../train/losses/cross-entropy.js';
import { adam } from '../../train/optimizers/adam.js';
import { moveAverage, startAverage, weightsOf } from '../../train/optimizers/ema.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import type { Stepped, Task, TaskFor } from '../../train/task.js';
import { applyChoices } from '../policy/apply.js';
import { drawChoices } from '../policy/choices.js';
import {
  CENTER,
  initialPolicy,
  ODDS,
  POLICY_PARAMS,
  PROBABILITY,
  readPolicy,
  slotsOf,
  WIDTH,
} from '../policy/parameters.js';
import type { SearchSpace } from '../space/search-space.js';
import { renderedTwin } from '../twins/rendered.js';
import { type Credit, credited, movedPolicy } from './credit.js';
import { buildNetworks } from './networks.js';
import { hardnessOf } from './objective.js';
import type { CriticOptions } from './options.js';
import { moveTrace, startTrace } from './trace.js';

export interface CriticTask extends Task {
  readonly space: SearchSpace;
}

/** The space with a twin for every op: those that have none are rendered, without a gradient of their magnitude. */
export const withTwins = (space: SearchSpace): SearchSpace => ({
  ...space,
  ops: space.ops.map((op) => (op.twin ? op : { ...op, twin: renderedTwin(op) })),
});

/** Every op of the space must have a twin. `heldOut` [N, H, W, C] in [0, 1] stays the caller's. */
export function criticTask(
  space: SearchSpace,
  heldOut: tf.Tensor4D,
  { steps, ...options }: CriticOptions & { readonly steps: number },
): TaskFor<CriticTask> {
  const { networkRate, warmup } = options;
  const credits = { rate: options.policyRate, memory: options.memory };
  return (spec) => {
    const nets = buildNetworks(spec.input, spec.classes.length, options.width);
    const rates = { optimizer: adam({ beta1: 0.5 }) };
    const critic = learner('critic', [nets.critic], { optimizer: adam({ beta1: 0, beta2: 0.9 }) });
    const student = learner('student', [nets.student], rates);
    const teacher = learner('teacher', [nets.teacher], rates);
    const own = (params: Tensors) =>
      Object.fromEntries([CENTER, WIDTH].map((name) => [name, params[name] as tf.Tensor]));

    const init = (key: Key): State => {
      const weights = initializeParts([nets.critic, nets.student, nets.teacher], key);
      const policy = initialPolicy(space);
      const taught = named(weights, 'teacher/');
      return {
        params: { ...weights.params, ...policy },
        stats: weights.stats,
        slots: {
          ...critic.init(weights.params),
          ...student.init(weights.params),
          ...teacher.init(weights.params),
          ...startAverage(taught),
          ...prefixed(AVERAGE, initialPolicy(space)),
          ...startTrace(),
          [STEPS]: tf.scalar(0),
          [GAP]: tf.scalar(0),
          [LAMBDA]: tf.scalar(Math.min(1, options.critic)),
          ...Object.fromEntries(
            CREDITS.map((name) => [
              CREDIT + name,
              tf.zeros([name === 'none' ? space.subPolicies * space.stages : slotsOf(space)]),
            ]),
          ),
        },
      };
    };

    const score = (state: Pick<State, 'params' | 'stats'>, x: tf.Tensor) =>
      tf.reshape(run(nets.critic, state, x, { training: true }).y, [-1]) as tf.Tensor1D;

    const step = (
      state: State,
      feed: Tensors & { learningRate: tf.Scalar },
      { key }: { key: Key },
    ): Stepped => {
      const images = feed.images as tf.Tensor4D;
      const classes = feed.classes as tf.Tensor2D;
      const batch = images.shape[0];
      const time = tf.add(state.slots[STEPS] as tf.Scalar, 1) as tf.Scalar;
      const real = centered(rowsOf(heldOut, batch, fold(key, tag('held-out'))));
      const values = readPolicy(state.params);
      const choices = drawChoices(space, values, key, batch);

      // The policy: what the networks say of its images, as they are before this step.
      const taught = weightsOf(state);
      const realScore = score(state, real);
      const spread = tf.sqrt(tf.add(tf.moments(realScore).variance, 1e-12));
      const judge = (x: tf.Tensor4D) => {
        const y = centered(x);
        return {
          hardness: hardnessOf(run<tf.Tensor2D>(nets.student, state, y).y, classes),
          unreal: tf.neg(tf.div(score(state, y), spread)) as tf.Tensor1D,
          teacher: perSample(run<tf.Tensor2D>(nets.teacher, taught, y).y, classes),
        };
      };
      const clean = judge(images);
      const gap = state.slots[GAP] as tf.Scalar;
      const lambda = state.slots[LAMBDA] as tf.Scalar;
      const total = ({ hardness, unreal, teacher }: ReturnType<typeof judge>) =>
        tf.addN([
          tf.mul(hardness, options.hardness),
          tf.mul(unreal, lambda),
          tf.mul(teacher, options.teacher),
        ]) as tf.Tensor1D;
      const before = total(clean);
      const { gradients, aux } = valueAndGradient(() => {
        const augmented = applyChoices(space, own(state.params), images, choices, key);
        const told = judge(augmented);
        const loss = total(told);
        return {
          loss: tf.mean(loss) as tf.Scalar,
          aux: {
            augmented,
            gain: tf.sub(loss, before),
            hardness: tf.mean(told.hardness),
            teacher: tf.mean(told.teacher),
            gap: tf.add(tf.mean(told.unreal), tf.div(tf.mean(realScore), spread)),
          },
        };
      }, own(state.params));
      const augmented = aux.augmented as tf.Tensor4D;
      const slopes = (name: string) => (gradients[name] as tf.Tensor).dataSync();
      const gain = (aux.gain as tf.Tensor).dataSync();
      const credit = credited(
        space,
        creditOf(state.slots),
        choices,
        { gain, center: slopes(CENTER), width: slopes(WIDTH) },
        credits,
      );
      const moved = movedPolicy(space, values, credit, credits);
      const on = (time.dataSync()[0] as number) > warmup;
      const policy: Tensors = on
        ? {
            [ODDS]: tf.tensor1d(moved.odds),
            [PROBABILITY]: tf.tensor1d(moved.probability),
            [CENTER]: tf.tensor1d(moved.center),
            [WIDTH]: tf.tensor1d(moved.width),
          }
        : Object.fromEntries(POLICY_PARAMS.map((name) => [name, state.params[name] as tf.Tensor]));
      const averaged = Object.fromEntries(
        POLICY_PARAMS.map((name) => {
          const old = state.slots[AVERAGE + name] as tf.Tensor;
          return [AVERAGE + name, tf.add(old, tf.mul(tf.sub(policy[name] as tf.Tensor, old), 0.02))];
        }),
      );
      const smooth = tf.add(tf.mul(gap, 0.9), tf.mul(aux.gap as tf.Tensor, 0.1));
      let now: State = {
        params: { ...state.params, ...policy },
        stats: state.stats,
        slots: {
          ...state.slots,
          ...averaged,
          [GAP]: smooth,
          [LAMBDA]: tf.clipByValue(
            tf.add(lambda, tf.mul(tf.sub(smooth, options.slack), options.dual)),
            0,
            options.critic,
          ),
          [STEPS]: time,
          ...Object.fromEntries(CREDITS.map((name) => [CREDIT + name, tf.tensor1d(credit[name])])),
        },
      };

      // The critic: held-out images against augmented ones.
      const rate = tf.scalar(networkRate) as tf.Scalar;
      const fake = centered(augmented);
      const judged = valueAndGradient(() => {
        const weights = { params: critic.own(state), stats: state.stats };
        const [ofReal, ofFake] = tf.split(score(weights, tf.concat([real, fake])), 2) as tf.Tensor1D[];
        const at = between(real, fake, fold(key, tag('between')));
        const penalty = gradientPenalty((x) => score(weights, x), at);
        const distance = tf.sub(tf.mean(ofFake as tf.Tensor1D), tf.mean(ofReal as tf.Tensor1D));
        return {
          loss: tf.add(distance, tf.mul(penalty, options.penalty)) as tf.Scalar,
          aux: { distance: tf.neg(distance), penalty },
        };
      }, critic.own(state));
      now = critic.learn(now, judged.gradients, rate).state;

      // The student learns augmented images, the teacher clean ones.
      const studied = valueAndGradient(() => {
        const { y, updates } = run<tf.Tensor2D>(
          nets.student,
          { params: student.own(state), stats: state.stats },
          fake,
          { training: true, key },
        );
        return { loss: crossEntropy(y, classes), aux: { ...updates, '#accuracy': accuracy(y, classes) } };
      }, student.own(state));
      const { '#accuracy': known, ...studentStats } = studied.aux;
      now = student.learn(now, studied.gradients, rate).state;
      const told = valueAndGradient(() => {
        const { y, updates } = run<tf.Tensor2D>(
          nets.teacher,
          { params: teacher.own(state), stats: state.stats },
          centered(images),
          { training: true, key },
        );
        return { loss: crossEntropy(y, classes), aux: updates };
      }, teacher.own(state));
      now = teacher.learn(now, told.gradients, rate).state;
      const stats = { ...now.stats, ...studentStats, ...told.aux };
      const averages = moveAverage(now.slots, named({ params: now.params, stats }, 'teacher/'), time, {
        decay: 0.98,
        warmup: 1,
      });
      const metrics: Record<string, tf.Tensor> = {
        loss: judged.loss,
        gap: smooth.clone(),
        lambda: lambda.clone(),
        hardness: aux.hardness as tf.Tensor,
        teacher: aux.teacher as tf.Tensor,
        distance: judged.aux.distance as tf.Tensor,
        penalty: judged.aux.penalty as tf.Tensor,
        student: studied.loss,
        accuracy: known as tf.Tensor,
        // What the policy is chosen by: the loss that it minimizes, with the multiplier at its most.
        score: tf.neg(
          tf.addN([
            tf.mul(aux.hardness as tf.Tensor, options.hardness),
            tf.mul(aux.teacher as tf.Tensor, options.teacher),
            tf.mul(tf.relu(tf.sub(smooth, options.slack)), options.critic),
          ]),
        ),
      };
      const at = { step: time.dataSync()[0] as number, steps, space, values };
      const slots = { ...now.slots, ...averages, ...moveTrace(now.slots, metrics, at) };
      return { state: { params: now.params, stats, slots }, metrics };
    };

    return {
      name: 'critic-search',
      space,
      spec,
      identity: { task: 'critic-search', options, steps, ops: space.ops.map(({ name }) => name) },
      init,
      check: (batch) => checkBatch(batch, spec, 'search'),
      feed: (batch) => ({ images: imagesOf(batch, 'search'), classes: targetsOf(batch) }),
      step: step as Task['step'],
      evaluate: () => Promise.reject(new RxaugError('search: a search is not evaluated on batches')),
      direction: () => 'min',
    };
  };
}

/** Prefix of the policy averaged over its last fifty steps: what a search ends with, for single steps are noisy. */
export const AVERAGE = 'average/';
const STEPS = '#steps';
/** The critic's gap, smoothed over some ten steps. */
const GAP = '#gap';
/** λc, the multiplier of the constraint. */
const LAMBDA = '#lambda';
/** Prefix of what choices are credited with. */
const CREDIT = 'credit/';
const CREDITS = ['applied', 'none', 'center', 'width'] as const;

const creditOf = (slots: Tensors): Credit =>
  Object.fromEntries(
    CREDITS.map((name) => [name, (slots[CREDIT + name] as tf.Tensor).dataSync() as Float32Array]),
  ) as unknown as Credit;

/** Pixels in [0, 1] as the networks take them, in [−1, 1]. */
const centered = <T extends tf.Tensor>(x: T): T => tf.sub(tf.mul(x, 2), 1) as T;

/** Rows in a keyed order; drawn anew where fewer are there than wanted. */
function rowsOf(images: tf.Tensor4D, wanted: number, key: Key): tf.Tensor4D {
  const count = images.shape[0];
  const rows = Int32Array.from({ length: wanted }, (_, i) =>
    permuted(fold(key, Math.floor(i / count)), count, i % count),
  );
  return tf.gather(images, tf.tensor1d(rows, 'int32')) as tf.Tensor4D;
}

function named({ params, stats }: Pick<State, 'params' | 'stats'>, prefix: string) {
  const only = (tensors: Tensors) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith(prefix)));
  return { params: only(params), stats: only(stats) };
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
