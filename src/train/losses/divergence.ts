/** Kullback–Leibler divergences of predicted distributions, means over the batch, in nats. */
import { tf } from '../../graph/tf.js';

/** KL(softmax(p) ‖ softmax(q)); logits [B, K] → scalar. */
export function divergence(p: tf.Tensor2D, q: tf.Tensor2D): tf.Scalar {
  const ratio = tf.sub(tf.logSoftmax(p), tf.logSoftmax(q));
  return tf.mean(tf.sum(tf.mul(tf.softmax(p), ratio), -1)) as tf.Scalar;
}

/** The loss of R-Drop (Liang et al., 2021): ½·(KL(p‖q) + KL(q‖p)) of two passes with different masks. */
export function symmetricDivergence(p: tf.Tensor2D, q: tf.Tensor2D): tf.Scalar {
  return tf.mul(tf.add(divergence(p, q), divergence(q, p)), 0.5) as tf.Scalar;
}

/**
 * Distillation (Hinton et al., 2015): T²·KL(teacher ‖ student), both softened by the temperature T. The teacher is
 * given as probabilities at that temperature, [B, K], which can be mixed.
 */
export function distillation(student: tf.Tensor2D, teacher: tf.Tensor2D, temperature: number): tf.Scalar {
  const log = tf.logSoftmax(tf.div(student, temperature));
  const own = tf.log(tf.maximum(teacher, 1e-30)); // 0·log 0 = 0
  return tf.mul(tf.mean(tf.sum(tf.mul(teacher, tf.sub(own, log)), -1)), temperature ** 2) as tf.Scalar;
}
