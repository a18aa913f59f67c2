import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { asMatrix, lambdaSchema, type Penalty, targeted } from './penalty.js';

export const spectralOptions = z.strictObject({
  /** λ ≥ 0. */
  lambda: lambdaSchema,
  /** Iterations of the power method in each step, ≥ 1. Default 10. */
  iterations: z.int().min(1).default(10),
  ...targeted,
});

/**
 * Spectral norm regularization (Yoshida and Miyato, 2017): λ/2·σ(W)², σ the largest singular value of W [inputs, units];
 * gradient λσ·v·uᵀ. u and v come from the power method, which starts from scratch in each step and keeps no state. To fix σ
 * instead of penalizing it, wrap the layer in `spectralNorm`. The penalty acts on all kernels, or on those that the option `params` names, and spares biases and normalization.
 *
 * @param lambda λ ≥ 0.
 * @throws UsageError if λ is negative; when training starts, if the pattern matches no kernel.
 * @example
 * spectral(0.01).config // → { penalty: 'spectral', lambda: 0.01, iterations: 10 }
 */
export function spectral(
  lambda: number,
  options: Omit<z.input<typeof spectralOptions>, 'lambda'> = {},
): Penalty {
  const parsed = parseOptions('spectral', spectralOptions, positional('spectral', { lambda }, options));
  const top = (m: tf.Tensor2D) => {
    // Columns count by their squared norms, so the first guess leans towards the long ones.
    let u = unit(tf.sum(tf.square(m), 0, true).transpose()); // [units, 1]
    let v = unit(tf.matMul(m, u)); // [inputs, 1]
    for (let i = 1; i < parsed.iterations; i++) {
      u = unit(tf.matMul(m, v, true));
      v = unit(tf.matMul(m, u));
    }
    return { u, v, sigma: tf.sum(tf.mul(v, tf.matMul(m, u))) };
  };
  return {
    config: { penalty: 'spectral', ...parsed },
    value: (w) => tf.mul(tf.square(top(asMatrix(w)).sigma), lambda / 2) as tf.Scalar,
    gradient(w) {
      const { u, v, sigma } = top(asMatrix(w));
      return tf.mul(tf.matMul(v, u, false, true), tf.mul(sigma, lambda)).reshape(w.shape);
    },
  };
}

/** The vector scaled to norm 1. */
export function unit(v: tf.Tensor): tf.Tensor {
  return tf.div(v, tf.maximum(tf.norm(v), 1e-12));
}
