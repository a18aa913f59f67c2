/**
 * Losses of the critic D and the generator G from scores [B] of real and of generated images:
 *   'wgan-gp'  L_D = E D(fake) − E D(real) + λ·E(‖∇D(x̂)‖₂ − 1)²   (Gulrajani et al., 2017)
 *   'hinge'    L_D = E max(0, 1 − D(real)) + E max(0, 1 + D(fake))   (Lim and Ye, 2017)
 * For both, L_G = −E D(fake).
 */

import type { Key } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { uniform } from '../../train/ops/noise.js';

export type AdversarialLoss = 'wgan-gp' | 'hinge';

/** The critic's loss from scores [B]; `valid` [B] is 1 for rows that count, absent: all rows count. */
export function criticLoss(
  loss: AdversarialLoss,
  real: tf.Tensor,
  fake: tf.Tensor,
  valid?: tf.Tensor1D,
): tf.Scalar {
  if (loss === 'wgan-gp') return tf.sub(meanOf(fake, valid), meanOf(real, valid)) as tf.Scalar;
  const short = meanOf(tf.relu(tf.sub(1, real)), valid);
  return tf.add(short, meanOf(tf.relu(tf.add(1, fake)), valid)) as tf.Scalar;
}

export function generatorLoss(fake: tf.Tensor, valid?: tf.Tensor1D): tf.Scalar {
  return tf.neg(meanOf(fake, valid)) as tf.Scalar;
}

export function meanOf(values: tf.Tensor, valid?: tf.Tensor1D): tf.Tensor {
  if (!valid) return tf.mean(values);
  return tf.div(tf.sum(tf.mul(values, valid)), tf.maximum(tf.sum(valid), 1));
}

/** x̂: a random point on the line between each real image and its generated one. */
export function between(real: tf.Tensor, fake: tf.Tensor, key: Key): tf.Tensor {
  const share = uniform(key, [real.shape[0], ...real.shape.slice(1).map(() => 1)]);
  return tf.add(real, tf.mul(tf.sub(fake, real), share));
}

/**
 * E(‖∇_x score(x)‖₂ − 1)², the norm over each whole sample. It is differentiated again through the critic's
 * parameters, so `score` may use only operations that TensorFlow.js differentiates twice correctly: convolutions, products, |x|,
 * relu, sums and means. tanh, sigmoid, exp and pooling do not qualify.
 */
export function gradientPenalty(
  score: (x: tf.Tensor) => tf.Tensor,
  at: tf.Tensor,
  valid?: tf.Tensor1D,
): tf.Scalar {
  const slope = tf.grad((x: tf.Tensor) => tf.sum(score(x)))(at);
  const axes = at.shape.slice(1).map((_, axis) => axis + 1);
  const norm = tf.sqrt(tf.add(tf.sum(tf.square(slope), axes), 1e-12));
  return meanOf(tf.square(tf.sub(norm, 1)), valid) as tf.Scalar;
}
