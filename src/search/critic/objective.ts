/**
 * What a policy minimizes, image by image: λh · hardness + λc · unreal + λt · teacher. It should make images that the
 * student does not yet know, that the critic still takes for real, and that the teacher still names rightly.
 */
import { run, type Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { perSample } from '../../train/losses/cross-entropy.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { State } from '../../train/state/tensors.js';
import { centered, type Networks, scoreOf } from './networks.js';
import type { CriticOptions } from './options.js';

/** What the networks say of images, [B] each. */
export interface Verdict {
  /** −log(1 − p) of the student's probability p of the true class: small where the student is wrong. */
  readonly hardness: tf.Tensor1D;
  /** Less the critic's score, in standard deviations of the scores of real images. */
  readonly unreal: tf.Tensor1D;
  /** The teacher's cross-entropy for the true class: without bound, while hardness is bounded by 0. */
  readonly teacher: tf.Tensor1D;
}

export interface Jury {
  /** Of images [B, H, W, C] in [0, 1] of the classes that the jury was called for. */
  judge(images: tf.Tensor4D): Verdict;
  /** How much less real images look than the held-out ones, in standard deviations of the latter. */
  gapOf(verdict: Verdict): tf.Scalar;
}

/** The networks of a state, for one batch. `real`: held-out images in [−1, 1]. */
export function juryOf(nets: Networks, state: State, real: tf.Tensor4D, classes: tf.Tensor2D): Jury {
  const taught: Weights = weightsOf(state);
  const score = scoreOf(nets, state, real);
  const spread = tf.sqrt(tf.add(tf.moments(score).variance, 1e-12));
  return {
    judge(images) {
      const x = centered(images);
      return {
        hardness: hardnessOf(run<tf.Tensor2D>(nets.student, state, x).y, classes),
        unreal: tf.neg(tf.div(scoreOf(nets, state, x), spread)) as tf.Tensor1D,
        teacher: perSample(run<tf.Tensor2D>(nets.teacher, taught, x).y, classes),
      };
    },
    gapOf: ({ unreal }) => tf.add(tf.mean(unreal), tf.div(tf.mean(score), spread)) as tf.Scalar,
  };
}

/** −log(1 − p) of the true class, [B]. */
export function hardnessOf(logits: tf.Tensor2D, classes: tf.Tensor2D): tf.Tensor1D {
  const all = tf.logSumExp(logits, 1);
  const others = tf.logSumExp(tf.sub(logits, tf.mul(classes, 1e4)), 1);
  return tf.sub(all, others) as tf.Tensor1D;
}

/** [B] */
export function lossOf(
  { hardness, unreal, teacher }: Verdict,
  lambda: tf.Scalar,
  options: Pick<CriticOptions, 'objective' | 'hardness' | 'teacher'>,
): tf.Tensor1D {
  if (options.objective === 'published')
    return tf.add(unreal, tf.mul(teacher, PUBLISHED_TEACHER)) as tf.Tensor1D;
  return tf.addN([
    tf.mul(hardness, options.hardness),
    tf.mul(unreal, lambda),
    tf.mul(teacher, options.teacher),
  ]) as tf.Tensor1D;
}

/** Of the classifier's cross-entropy in the published objective. */
const PUBLISHED_TEACHER = 0.1;

/** What searches are compared by: less the loss of a batch, with the multiplier at its most. [] */
export function meritOf(
  {
    gap,
    hardness,
    teacher,
  }: { readonly gap: tf.Tensor; readonly hardness: tf.Tensor; readonly teacher: tf.Tensor },
  options: CriticOptions,
): tf.Scalar {
  const terms =
    options.objective === 'published'
      ? [gap, tf.mul(teacher, PUBLISHED_TEACHER)]
      : [
          tf.mul(hardness, options.hardness),
          tf.mul(teacher, options.teacher),
          tf.mul(tf.relu(tf.sub(gap, options.slack)), options.critic),
        ];
  return tf.neg(tf.addN(terms)) as tf.Scalar;
}
