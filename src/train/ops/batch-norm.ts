/**
 * Batch normalization in training (Ioffe and Szegedy, 2015), over every axis but the last:
 * y = scale · (x − μ) / √(σ² + ε) + shift, with μ and the biased variance σ² of the batch.
 * Running statistics move by `momentum` towards the batch's, towards its *unbiased* variance
 * (σ² · n/(n−1)), as in PyTorch, TensorFlow and Keras.
 *
 * TensorFlow's fused kernel does this in two passes. Other backends use equivalent tfjs operations.
 */
import { tf } from '../../graph/tf.js';
import { FusedBatchNormV3, hasKernel, runKernel } from './kernels.js';

export interface BatchNormInputs {
  /** [B, …, C] */
  readonly x: tf.Tensor;
  /** [C], as the four below. */
  readonly scale: tf.Tensor;
  readonly shift: tf.Tensor;
  /** Running statistics before the step. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

export interface BatchNormOptions {
  /** Weight of the batch in the running statistics: 0.1 equals PyTorch's 0.1 and Keras' 0.9. */
  readonly momentum: number;
  readonly epsilon: number;
}

export interface BatchNormed {
  readonly y: tf.Tensor;
  /** Running statistics after the step. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

export function batchNorm(inputs: BatchNormInputs, options: BatchNormOptions): BatchNormed {
  return hasKernel(FusedBatchNormV3) ? fusedBatchNorm(inputs, options) : compositeBatchNorm(inputs, options);
}

function fusedBatchNorm(
  { x, ...rest }: BatchNormInputs,
  { momentum, epsilon }: BatchNormOptions,
): BatchNormed {
  const image = x.rank === 4 ? x : x.reshape([-1, 1, 1, x.shape[x.rank - 1]]); // the kernel takes [B, H, W, C]
  const [y, mean, variance] = runKernel(FusedBatchNormV3, { x: image, ...rest }, { momentum, epsilon });
  return { y: x.rank === 4 ? y : y.reshape(x.shape), mean, variance };
}

export function compositeBatchNorm(inputs: BatchNormInputs, options: BatchNormOptions): BatchNormed {
  const { x, scale, shift } = inputs;
  const { momentum, epsilon } = options;
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const n = x.size / x.shape[x.rank - 1];
  const mu = tf.mean(x, axes);
  const centered = tf.sub(x, mu);
  const sigma2 = tf.mean(tf.square(centered), axes);
  const y = tf.add(tf.mul(centered, tf.mul(scale, tf.rsqrt(tf.add(sigma2, epsilon)))), shift);
  const towards = (old: tf.Tensor, now: tf.Tensor) => tf.add(old, tf.mul(tf.sub(now, old), momentum));
  return {
    y,
    mean: towards(inputs.mean, mu),
    variance: towards(inputs.variance, tf.mul(sigma2, n / Math.max(1, n - 1))),
  };
}

/** Batch norm at inference, with running statistics in place of the batch's. */
export function frozenBatchNorm(
  { x, scale, shift, mean, variance }: BatchNormInputs,
  epsilon: number,
): tf.Tensor {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, factor), tf.sub(shift, tf.mul(mean, factor)));
}
