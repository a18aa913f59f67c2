/** Cross-entropy and accuracy. */
import { tf } from '../../graph/tf.js';

/**
 * Softmax cross-entropy on logits: −Σ_k y_k · log softmax(z)_k, the mean over the batch, in nats. logits [B, K] and
 * targets [B, K] → a scalar; each row of the targets is a distribution over the classes, one-hot or soft. Load a backend
 * first.
 *
 * @example
 * await loadBackend('cpu')
 * const { tensor2d } = await import('@tensorflow/tfjs-core')
 * crossEntropy(tensor2d([[0, 0]]), tensor2d([[1, 0]])).dataSync()[0].toFixed(4) // → 0.6931
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
 * [B, K] → a scalar. Load a backend first.
 *
 * @example
 * await loadBackend('cpu')
 * const { tensor2d } = await import('@tensorflow/tfjs-core')
 * accuracy(tensor2d([[2, 1], [2, 1]]), tensor2d([[1, 0], [0, 1]])).dataSync()[0] // → 0.5
 */
export function accuracy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.equal(tf.argMax(logits, -1), tf.argMax(targets, -1)).toFloat()) as tf.Scalar;
}
