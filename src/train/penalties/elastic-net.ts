import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { lambdaSchema, type Penalty, targeted } from './penalty.js';

export const elasticNetOptions = z.strictObject({
  /** λ₁ ≥ 0. */
  l1: lambdaSchema,
  /** λ₂ ≥ 0. */
  l2: lambdaSchema,
  ...targeted,
});

/**
 * Elastic net (Zou and Hastie, 2005): λ₁‖w‖₁ + λ₂‖w‖²₂; gradient λ₁·sign(w) + 2λ₂·w. Its second term has no factor ½, unlike
 * `l2`. The penalty acts on all kernels, or on those that the option `params` names, and spares biases and normalization.
 *
 * @throws UsageError if λ₁ or λ₂ is missing or negative; when training starts, if the pattern matches no kernel.
 * @example
 * elasticNet({ l1: 1e-5, l2: 1e-4 }).config // → { penalty: 'elasticNet', l1: 0.00001, l2: 0.0001 }
 */
export function elasticNet(options: z.input<typeof elasticNetOptions>): Penalty {
  const parsed = parseOptions('elasticNet', elasticNetOptions, options);
  return {
    config: { penalty: 'elasticNet', ...parsed },
    value: (w) =>
      tf.add(tf.mul(tf.sum(tf.abs(w)), parsed.l1), tf.mul(tf.sum(tf.square(w)), parsed.l2)) as tf.Scalar,
    gradient: (w) => tf.add(tf.mul(tf.sign(w), parsed.l1), tf.mul(w, 2 * parsed.l2)),
  };
}
