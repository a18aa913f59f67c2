/**
 * The search by a critic as a task of the trainer: in each step the policy augments a batch of the search split and
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
import { applyChoices } from '../policy/apply.js';
import { drawChoices } from '../policy/choices.js';
import { readPolicy } from '../policy/parameters.js';
import type { SearchSpace } from '../space/search-space.js';
import { renderedTwin } from '../twins/rendered.js';
import { lambdaOf, moveConstraint, smoothGapOf, startConstraint } from './constraint.js';
import { learnPolicy, rangesOf, startPolicy } from './learned-policy.js';
import { learnersOf, teachClassifier, teachCritic } from './learners.js';
import { buildNetworks, centered } from './networks.js';
import { juryOf, lossOf, meritOf } from './objective.js';
import type { CriticOptions } from './options.js';
import { moveTrace, startTrace } from './trace.js';

/** The space with a twin for every op: those that have none are rendered, without a gradient of their magnitude. */
export const withTwins = (space: SearchSpace): SearchSpace => ({
  ...space,
  ops: space.ops.map((op) => (op.twin ? op : { ...op, twin: renderedTwin(op) })),
});

/** Every op of the space must have a twin. `heldOut` [N, H, W, C] in [0, 1], the real images, stays the caller's. */
export function criticTask(
  space: SearchSpace,
  heldOut: tf.Tensor4D,
  { steps, ...options }: CriticOptions & { readonly steps: number },
): TaskFor {
  const credits = { rate: options.policyRate, memory: options.memory };
  const count = heldOut.shape[0];
  const fresh = Math.max(1, Math.floor(count * FRESH));
  return (spec) => {
    const nets = buildNetworks(spec.input, spec.classes.length, options.width);
    const learners = learnersOf(nets);

    const init = (key: Key): State => {
      const { params, stats } = initializeParts([nets.critic, nets.student, nets.teacher], key);
      const policy = startPolicy(space);
      return {
        params: { ...params, ...policy.params },
        stats,
        slots: {
          ...learners.critic.init(params),
          ...learners.student.init(params),
          ...learners.teacher.init(params),
          ...startAverage(ofTeacher({ params, stats })),
          ...policy.slots,
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
      const values = readPolicy(state.params);
      const choices = drawChoices(space, values, key, size);

      const jury = juryOf(nets, state, of('fresh', 0, fresh), classes);
      const lambda = lambdaOf(state.slots);
      const ranges = rangesOf(state.params);
      // The loss of an image left alone is the baseline of what the choices are credited with.
      const alone = lossOf(jury.judge(images), lambda, options);
      const { gradients, aux } = valueAndGradient(() => {
        const augmented = applyChoices(space, ranges, images, choices, key);
        const verdict = jury.judge(augmented);
        const loss = lossOf(verdict, lambda, options);
        const { hardness, teacher } = verdict;
        const gap = jury.gapOf(verdict);
        const means = { hardness: tf.mean(hardness), teacher: tf.mean(teacher) };
        return {
          loss: tf.add(tf.mean(loss), noneOf(ranges)) as tf.Scalar,
          aux: { augmented, gain: tf.sub(loss, alone), gap, ...means },
        };
      }, ranges);
      const { augmented, gain, gap, hardness, teacher } = aux as Record<string, tf.Tensor4D>;
      const moves = nth > options.warmup;
      const policy = learnPolicy(state, {
        ...{ space, choices, values, gradients, moves },
        gain: gain as tf.Tensor,
        options: { ...credits, progress: nth / steps },
      });

      const fake = centered(augmented as tf.Tensor4D);
      const critic = teachCritic(nets, learners, state, { real, fake, key, rate, penalty: options.penalty });
      const lesson = { classes, key, rate };
      const student = teachClassifier(nets.student, learners.student, critic.state, {
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
        distance: critic.metrics.distance as tf.Tensor,
        penalty: critic.metrics.penalty as tf.Tensor,
        student: student.metrics.loss as tf.Tensor,
        accuracy: student.metrics.accuracy as tf.Tensor,
        score: meritOf(
          { gap: smooth, hardness: hardness as tf.Tensor, teacher: teacher as tf.Tensor },
          options,
        ),
      };
      const { params, stats, slots } = last.state;
      return {
        metrics,
        state: {
          params: { ...params, ...policy.params },
          stats,
          slots: {
            ...slots,
            ...policy.slots,
            ...constraint,
            ...moveAverage(slots, ofTeacher({ params, stats }), time, AVERAGED),
            ...moveTrace(slots, metrics, { step: nth, steps, space, values }),
            [STEPS]: time,
          },
        },
      };
    };

    return {
      name: 'critic-search',
      spec,
      identity: { task: 'critic-search', options, steps, ops: space.ops.map(({ name }) => name) },
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

/** Of the teacher. */
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

function ofTeacher({ params, stats }: Pick<State, 'params' | 'stats'>) {
  const only = (tensors: Tensors) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith('teacher/')));
  return { params: only(params), stats: only(stats) };
}
