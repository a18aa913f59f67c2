/**
 * L1, λ‖w‖₁ (Tibshirani, 1996). As a subgradient, λ·sign(w) with sign(0) = 0, weights come near 0; in the
 * proximal form they are moved after the step by the soft threshold sign(w)·max(|w| − lr·λ, 0)
 * (Daubechies et al., 2004), and many become exactly 0.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { lambdaSchema, onSchema, type Penalty } from './penalty.js';

export const l1Options = z.strictObject({
  lambda: lambdaSchema,
  form: z.enum(['subgradient', 'proximal']).default('subgradient'),
  on: onSchema,
});

export function l1(lambda: number, options: Omit<z.input<typeof l1Options>, 'lambda'> = {}): Penalty {
  const parsed = parseOptions('l1', l1Options, { lambda, ...options });
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
