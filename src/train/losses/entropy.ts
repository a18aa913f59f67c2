/**
 * Entropy of the predicted distributions, Ω = −Σ_k p_k·log p_k, the mean over the batch, in nats. The loss takes it
 * with either sign: less β·Ω is the confidence penalty (Pereyra et al., 2017), which keeps predictions
 * from certainty; plus β·Ω is entropy minimization (Grandvalet and Bengio, 2005), which drives them to it.
 */
import { tf } from '../../graph/tf.js';

/** logits [B, K] → scalar. */
export function entropy(logits: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.softmax(logits), tf.logSoftmax(logits)), -1))) as tf.Scalar;
}
