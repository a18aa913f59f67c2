/**
 * Gaussian dropout (Srivastava et al., 2014, section 10): y = x · ξ with ξ ~ N(1, p/(1 − p)) for each unit, which
 * has the mean and the variance of inverted dropout of rate p. Nothing at inference.
 */

import { z } from 'zod';
import { parseOptions, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { rateSchema } from './masks.js';

export const gaussianDropoutOptions = z.strictObject({
  /** p of the dropout that it stands for; a number or a schedule. */
  rate: rateSchema.default(0.5),
  name: z.string().optional(),
});

export function gaussianDropout(options: z.input<typeof gaussianDropoutOptions> = {}): Layer {
  const parsed = parseOptions('gaussianDropout', gaussianDropoutOptions, options);
  return {
    config: { layer: 'gaussianDropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (!scope.noisy || rate === 0) return x;
      const deviation = Math.sqrt(rate / (1 - rate));
      return tf.mul(x, tf.add(tf.mul(scope.normal(x.shape), deviation), 1));
    },
  };
}
