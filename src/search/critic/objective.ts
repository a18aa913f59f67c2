/**
 * What the policy minimizes, image by image. A policy should make images that the student does not yet know, that the
 * critic still takes for real, and that the teacher still names rightly:
 *   ℓ = λh · log(1 − …) …
 */
import { tf } from '../../graph/tf.js';
import { perSample } from '../../train/losses/cross-entropy.js';

/** [B] each, of augmented images. */
export interface Terms {
  /** −log(1 − p) of the student's probability of the true class: small where the student is wrong. */
  readonly hardness: tf.Tensor1D;
  /** −score ÷ the standard deviation of the scores of real images. */
  readonly unreal: tf.Tensor1D;
  /** The teacher's cross-entropy. */
  readonly teacher: tf.Tensor1D;
}

/** −log(1 − p) of the true class, [B]: the log of the sum of the other classes' probabilities, negated. */
export function hardnessOf(logits: tf.Tensor2D, classes: tf.Tensor2D): tf.Tensor1D {
  const all = tf.logSumExp(logits, 1);
  const others = tf.logSumExp(tf.sub(logits, tf.mul(classes, 1e4)), 1);
  return tf.sub(all, others) as tf.Tensor1D;
}

export { perSample as teacherLoss };
