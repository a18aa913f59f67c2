import { tf } from '../../graph/tf.js';

/**
 * Entropy of the predicted distributions, Ω = −Σ_k p_k·log p_k, the mean over the batch, in nats; logits [B, K] → a
 * scalar. The loss minus β·Ω is the confidence penalty (Pereyra et al., 2017), which keeps predictions from certainty;
 * the loss plus β·Ω is entropy minimization (Grandvalet and Bengio, 2005), which drives them towards it.
 */
export function entropy(logits: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.softmax(logits), tf.logSoftmax(logits)), -1))) as tf.Scalar;
}
