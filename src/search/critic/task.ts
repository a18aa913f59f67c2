/**
 * The search by a critic as a task of the trainer: in each step the augmenter augments a batch of the search split and
 * learns from what critic, student and teacher say of it; then critic and student learn from the same augmented images,
 * and the teacher from clean ones: one that followed the student would stop objecting.
 */
import { fold, type Key, keyOf, permuted, RxaugError, tag } from '../../core/index.js';
import { initializeParts } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { checkBatch, imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { moveAverage, startAverage } from '../../train/optimizers/ema.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import type { Task, TaskFor } from '../../train/task.js';
import type { AugmenterFor } from './augmenter.js';
import { lambdaOf, moveConstraint, smoothGapOf, startConstraint } from './constraint.js';
import { learnersOf, teachClassifier } from './learners.js';
import { buildNetworks, centered } from './networks.js';
import { judged } from './objective.js';
import type { CriticOptions } from './options.js';
import { moveTrace, startTrace } from './trace.js';

/** `heldOut` [N, H, W, C] in [0, 1], the real images, stays the caller's. */
export function criticTask(
  augmenterFor: AugmenterFor,
  heldOut: tf.Tensor4D,
  { steps, ...options }: CriticOptions & { readonly steps: number },
): TaskFor {
  const count = heldOut.shape[0];
  const fresh = Math.max(1, Math.floor(count * FRESH));
  return (spec) => {
    const nets = buildNetworks(spec.input, spec.classes.length, options.width);
    const learners = learnersOf(nets);
    const augmenter = augmenterFor(spec);
    const averaged = ({ params, stats }: Pick<State, 'params' | 'stats'>) => {
      const prefixes = ['teacher/', ...augmenter.averaged];
      return { params: only(params, prefixes), stats: only(stats, prefixes) };
    };

    const init = (key: Key): State => {
      const { params, stats } = initializeParts([nets.critic, nets.student, nets.teacher], key);
      const augmenting = augmenter.start(key);
      const all = { ...params, ...augmenting.params };
      return {
        params: all,
        stats,
        slots: {
          ...learners.critic.init(),
          ...learners.student.init(),
          ...learners.teacher.init(),
          ...startAverage(averaged({ params: all, stats })),
          ...augmenting.slots,
          ...startConstraint(options),
          ...startTrace(),
          [STEPS]: tf.scalar(0),
        },
      };
    };

    const step: Task['step'] = (state, feed, { key }) => {
      const images = feed.images as tf.Tensor4D;
      const classes = feed.classes as tf.Tensor2D;
      const rate = feed.learningRate;
      const time = tf.add(state.slots[STEPS] as tf.Scalar, 1) as tf.Scalar;
      const nth = time.dataSync()[0] as number;
      const size = images.shape[0];
      const of = (name: string, from: number, to: number) =>
        centered(rowsOf(heldOut, size, { from, to, key: fold(key, tag(name)) }));
      const real = of('held-out', fresh, count);
      const turn = augmenter.turn(state, images, key);

      const lambda = lambdaOf(state.slots);
      const given = {
        ...{ nets, state, clean: images, classes, real, lambda, key, options },
        fresh: of('fresh', 0, fresh),
      };
      const { gradients, aux } = valueAndGradient(() => {
        const augmented = turn.augment(turn.params);
        const { loss, aux } = judged(augmented, given);
        return { loss: tf.add(loss, noneOf(turn.params)) as tf.Scalar, aux: { augmented, ...aux } };
      }, turn.params);
      const { augmented, gain, gap, hardness, teacher, distance, penalty, ...ofCritic } = aux;
      const learned = turn.learn({
        ...{ gain: gain as tf.Tensor, gradients },
        ...{ moves: nth > options.warmup, progress: nth / steps },
      });

      const fake = centered(augmented as tf.Tensor4D);
      const taught = learners.critic.learn(state, ofCritic, rate);
      const lesson = { classes, key, rate };
      const student = teachClassifier(nets.student, learners.student, taught, {
        images: fake,
        ...lesson,
      });
      const last = teachClassifier(nets.teacher, learners.teacher, student.state, {
        images: centered(images),
        ...lesson,
      });

      const constraint = moveConstraint(state.slots, gap as tf.Tensor, options);
      const smooth = smoothGapOf(constraint);
      const metrics: Tensors = {
        loss: tf.mean(gain as tf.Tensor),
        gap: smooth.clone(),
        lambda: lambda.clone(),
        hardness: hardness as tf.Tensor,
        teacher: teacher as tf.Tensor,
        distance: distance as tf.Tensor,
        penalty: penalty as tf.Tensor,
        student: student.metrics.loss as tf.Tensor,
        accuracy: student.metrics.accuracy as tf.Tensor,
        // What searches are compared by: less the loss, with the multiplier at its most.
        score: tf.neg(
          tf.addN([
            tf.mul(hardness as tf.Tensor, options.hardness),
            tf.mul(teacher as tf.Tensor, options.teacher),
            tf.mul(tf.relu(tf.sub(smooth, options.slack)), options.critic),
          ]),
        ),
      };
      const { stats, slots } = last.state;
      const params = { ...last.state.params, ...learned.params };
      return {
        metrics,
        state: {
          ...{ params, stats },
          slots: {
            ...slots,
            ...learned.slots,
            ...constraint,
            ...moveAverage(slots, averaged({ params, stats }), time, AVERAGED),
            ...moveTrace(slots, metrics, { step: nth, steps, standing: turn.standing }),
            [STEPS]: time,
          },
        },
      };
    };

    return {
      name: 'critic-search',
      spec,
      identity: { task: 'critic-search', options, steps, ...augmenter.identity },
      init,
      check: (batch) => checkBatch(batch, spec, 'search'),
      feed: (batch) => ({ images: imagesOf(batch, 'search'), classes: targetsOf(batch) }),
      step,
      evaluate: () => Promise.reject(new RxaugError('search: a search is not evaluated on batches')),
      direction: () => 'min',
    };
  };
}

const STEPS = '#steps';
/** 0, but with a gradient: of a batch to which no op with a magnitude was applied there is none otherwise. */
const noneOf = (params: Tensors) => tf.mul(tf.addN(Object.values(params).map((param) => tf.sum(param))), 0);

/** Of the teacher, and of an augmenter that asks for it. */
const AVERAGED = { decay: 0.98, warmup: 1 };

/**
 * Share of the held-out images that the critic does not learn from: what it says of those that it knows by heart is no
 * measure of how real others should look.
 */
const FRESH = 0.25;

/** The parts are drawn from all images: data sets are often in the order of their classes. */
const PARTS = fold(keyOf(0), tag('held-out parts'));

/** Rows of a part in a keyed order; drawn anew where fewer are there than wanted. */
function rowsOf(
  images: tf.Tensor4D,
  wanted: number,
  { from, to, key }: { readonly from: number; readonly to: number; readonly key: Key },
): tf.Tensor4D {
  const count = to - from;
  const rows = Int32Array.from({ length: wanted }, (_, i) => {
    const place = from + permuted(fold(key, Math.floor(i / count)), count, i % count);
    return permuted(PARTS, images.shape[0], place);
  });
  return tf.gather(images, tf.tensor1d(rows, 'int32')) as tf.Tensor4D;
}

const only = (tensors: Tensors, prefixes: readonly string[]): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))),
  );
