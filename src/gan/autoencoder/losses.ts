/**
 * Losses of an autoencoder, for images of D numbers each:
 *   reconstruction   ½·mean (x̂ − x)²  ('mse'), or mean |x̂ − x|  ('mae'), over D and the batch
 *   divergence       KL(N(μ, σ²) ‖ N(0, I)) = ½·Σ_j (μ_j² + σ_j² − 1 − ln σ_j²), the mean over the batch, in nats
 *   z = μ + σ·ε, ε ~ N(0, I): the reparameterization that lets the gradient through
 * (Kingma and Welling, "Auto-encoding variational Bayes", 2014; Higgins et al., "β-VAE", 2017.) The loss is
 * reconstruction + β·KL/D: β is the variance of the decoder's Gaussian, 1 in the first paper.
 */

import type { Key } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { normal } from '../../train/ops/noise.js';

export type Reconstruction = 'mse' | 'mae';

/** Both [B, H, W, C] → scalar. */
export function reconstruction(restored: tf.Tensor, images: tf.Tensor, kind: Reconstruction): tf.Scalar {
  const difference = tf.sub(restored, images);
  if (kind === 'mae') return tf.mean(tf.abs(difference)) as tf.Scalar;
  return tf.mul(tf.mean(tf.square(difference)), 0.5) as tf.Scalar;
}

/** Mean and log-variance of a code, each [B, L]. */
export interface Posterior {
  readonly mean: tf.Tensor2D;
  readonly logVariance: tf.Tensor2D;
}

/** Bound of |ln σ²|: σ in 0.0067..148. */
const LIMIT = 10;

/** Splits the output of the encoder, [B, 2·L], into its two halves. */
export function posterior(encoded: tf.Tensor2D): Posterior {
  const [mean, logVariance] = tf.split(encoded, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return { mean, logVariance: tf.clipByValue(logVariance, -LIMIT, LIMIT) };
}

export function divergenceFromPrior({ mean, logVariance }: Posterior): tf.Scalar {
  const terms = tf.sub(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), 1), logVariance);
  return tf.mul(tf.mean(tf.sum(terms, 1)), 0.5) as tf.Scalar;
}

/** Samples codes [B, L] from a posterior. */
export function reparameterize({ mean, logVariance }: Posterior, key: Key): tf.Tensor2D {
  return shifted({ mean, logVariance }, normal(key, mean.shape));
}

/** The same with given noise [B, L]. */
export function shifted({ mean, logVariance }: Posterior, noise: tf.Tensor): tf.Tensor2D {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}
