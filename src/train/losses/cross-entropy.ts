/**
 * Softmax cross-entropy on logits: −Σ_k y_k · log softmax(z)_k, the mean over the batch; y is a distribution
 * over the classes, one-hot or soft. Natural logarithm.
 */
import { tf } from '../../graph/tf.js';

/** logits [B, K], targets [B, K] → scalar. */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(perSample(logits, targets)) as tf.Scalar;
}

/** The same for each sample: [B]. */
export function perSample(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)) as tf.Tensor1D;
}

/** The share of samples whose largest logit is at the target's largest entry. */
export function accuracy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.equal(tf.argMax(logits, -1), tf.argMax(targets, -1)).toFloat()) as tf.Scalar;
}
