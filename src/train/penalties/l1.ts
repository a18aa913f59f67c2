import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { lambdaSchema, type Penalty, targeted } from './penalty.js';

export const l1Options = z.strictObject({
  /** λ ≥ 0. */
  lambda: lambdaSchema,
  /** Whether the gradient or the soft threshold is used. Default 'subgradient'. */
  form: z.enum(['subgradient', 'proximal']).default('subgradient'),
  ...targeted,
});

/**
 * L1 penalty, λ‖w‖₁ (Tibshirani, 1996). As a subgradient, λ·sign(w) with sign(0) = 0, weights come close to 0; in the
 * proximal form they are moved after each step by the soft threshold sign(w)·max(|w| − lr·λ, 0) (Daubechies et al.,
 * 2004), and many become exactly 0. The penalty acts on all kernels, or on those that the option `params` names, and spares biases and normalization.
 *
 * @param lambda λ ≥ 0.
 * @throws UsageError if λ is negative; when training starts, if the pattern matches no kernel.
 * @example
 * l1(1e-4, { form: 'proximal' }).config // → { penalty: 'l1', lambda: 0.0001, form: 'proximal' }
 */
export function l1(lambda: number, options: Omit<z.input<typeof l1Options>, 'lambda'> = {}): Penalty {
  const parsed = parseOptions('l1', l1Options, positional('l1', { lambda }, options));
  return {
    config: { penalty: 'l1', ...parsed },
    value: (w) => tf.mul(tf.sum(tf.abs(w)), lambda),
    ...(parsed.form === 'subgradient'
      ? { gradient: (w: tf.Tensor) => tf.mul(tf.sign(w), lambda) }
      : { project: (w: tf.Tensor, rate: tf.Scalar) => softThreshold(w, tf.mul(rate, lambda)) }),
  };
}

/** sign(w)·max(|w| − by, 0) */
export function softThreshold(w: tf.Tensor, by: tf.Tensor): tf.Tensor {
  return tf.mul(tf.sign(w), tf.relu(tf.sub(tf.abs(w), by)));
}
