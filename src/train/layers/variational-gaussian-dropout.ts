import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const variationalGaussianDropoutOptions = z.strictObject({
  /** p of the dropout that it replaces, at the start: 0 < p ≤ ½, where α is 1. Default 0.2. */
  rate: z.number().positive().max(0.5).default(0.2),
  /** Whether there is one α for the layer or one for each unit. Default 'unit'. */
  granularity: z.enum(['layer', 'unit']).default('unit'),
  /** Weight of the KL divergence in the loss; at 0, α would shrink to 0. Default 1e-4. */
  kl: z.number().min(0).default(1e-4),
  ...named,
});

const C = [1.16145124, -1.50204118, 0.58629921] as const;
const AT_ONE = C[0] + C[1] + C[2];

/**
 * Variational Gaussian dropout (Kingma, Salimans and Welling, 2015, type A), any shape: y = x·ξ with ξ ~ N(1, α) and a
 * learned α ≤ 1; α = p/(1 − p) for the dropout of rate p. The loss gets kl · Σ KL(α) over the units, with the paper's
 * approximation −KL = ½·ln α + c₁α + c₂α² + c₃α³ + const. (the constant makes KL(1) = 0). The paper's bound takes
 * kl = (weights that leave a unit) / (training examples) for a loss that is a mean. Inference returns the input.
 *
 * @param rate p at the start, 0 < p ≤ ½. Default 0.2.
 * @throws UsageError if the rate is out of range.
 * @example
 * variationalGaussianDropout(0.1, { granularity: 'layer' }).config.rate // → 0.1
 */
export function variationalGaussianDropout(
  rate?: number,
  options: Omit<z.input<typeof variationalGaussianDropoutOptions>, 'rate'> = {},
): Layer {
  const given = positional('variationalGaussianDropout', { rate }, options);
  const parsed = parseOptions('variationalGaussianDropout', variationalGaussianDropoutOptions, given);
  const { rate: first, granularity: per, kl, ...others } = parsed;
  return {
    // `per` in checkpoints, as before 0.2.
    config: { layer: 'variationalGaussianDropout', rate: first, per, kl, ...others },
    init(scope, input) {
      // Not a kernel: penalties leave it alone.
      const shape = per === 'layer' ? [1] : [input[input.length - 1]];
      scope.param('logAlpha', 'scale', shape, constant(Math.log(first / (1 - first))));
      return input;
    },
    apply(scope, x) {
      if (!scope.noisy) return x;
      const logAlpha = tf.minimum(scope.param('logAlpha'), 0); // [units] or [1]
      const alpha = tf.exp(logAlpha);
      if (scope.training && kl > 0) {
        const series = tf.mul(alpha, tf.add(tf.mul(alpha, tf.add(tf.mul(alpha, C[2]), C[1])), C[0]));
        const divergence = tf.sub(AT_ONE, tf.add(tf.mul(logAlpha, 0.5), series));
        const units = x.shape[x.rank - 1] as number;
        scope.addLoss(tf.mul(tf.sum(divergence), (kl * units) / divergence.size));
      }
      const noise = tf.mul(scope.normal(x.shape), tf.exp(tf.mul(logAlpha, 0.5)));
      return tf.mul(x, tf.add(noise, 1));
    },
  };
}
