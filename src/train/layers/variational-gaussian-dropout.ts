/**
 * Variational Gaussian dropout (Kingma, Salimans and Welling, 2015, type A): y = x · ξ with ξ ~ N(1, α) and a
 * learned α ≤ 1, one for the layer or one for each unit; α = p/(1 − p) of the dropout it stands for. The loss
 * gets `kl` · Σ KL(α) over the units, with the paper's approximation of
 * −KL = ½·ln α + c₁α + c₂α² + c₃α³ + const. (const. makes KL(1) = 0.) The paper's bound wants
 * kl = (weights that leave a unit) / (training examples) beside a mean loss. Nothing at inference.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';

export const variationalGaussianDropoutOptions = z.strictObject({
  /** p to begin with, at most ½, where α is 1. */
  rate: z.number().positive().max(0.5).default(0.2),
  /** Who has an α of its own. */
  per: z.enum(['layer', 'unit']).default('unit'),
  /** Weight of the KL divergence in the loss; without it α would shrink to nothing. */
  kl: z.number().min(0).default(1e-4),
  name: z.string().optional(),
});

const C = [1.16145124, -1.50204118, 0.58629921] as const;
const AT_ONE = C[0] + C[1] + C[2];

export function variationalGaussianDropout(
  options: z.input<typeof variationalGaussianDropoutOptions> = {},
): Layer {
  const parsed = parseOptions('variationalGaussianDropout', variationalGaussianDropoutOptions, options);
  const { rate, per, kl } = parsed;
  return {
    config: { layer: 'variationalGaussianDropout', ...parsed },
    init(scope, input) {
      // Not a kernel: penalties leave it alone.
      const shape = per === 'layer' ? [1] : [input[input.length - 1]];
      scope.param('logAlpha', 'scale', shape, constant(Math.log(rate / (1 - rate))));
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
