/** Cross-entropy and accuracy. */
import { tf } from '../../graph/tf.js';

/**
 * Softmax cross-entropy on logits: −Σ_k y_k · log softmax(z)_k, the mean over the batch, in nats. logits [B, K] and
 * targets [B, K] → a scalar; each row of the targets is a distribution over the classes, one-hot or soft. The backend of
 * TensorFlow.js must be loaded: see `loadBackend`.
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(perSample(logits, targets)) as tf.Scalar;
}

/** The same for each sample: [B]. */
export function perSample(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)) as tf.Tensor1D;
}

/**
 * Share of samples, in 0..1, whose largest logit is where the target has its largest entry. logits [B, K] and targets
 * [B, K] → a scalar.
 */
export function accuracy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.equal(tf.argMax(logits, -1), tf.argMax(targets, -1)).toFloat()) as tf.Scalar;
}
