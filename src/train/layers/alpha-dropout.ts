/**
 * Alpha dropout (Klambauer et al., "Self-normalizing neural networks", 2017), for SELU: a dropped unit becomes
 * α' = −λα = −1.7581 and not 0, and then y = a·x + b with a = (q + α'²·q·p)^(−½), b = −a·p·α', q = 1 − p,
 * which keeps mean 0 and variance 1. Nothing at inference.
 */

import { z } from 'zod';
import { parseOptions, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { keepMask, rateSchema } from './masks.js';

export const alphaDropoutOptions = z.strictObject({
  /** Probability of dropping; a number or a schedule. The paper uses 0.05 to 0.1. */
  rate: rateSchema.default(0.1),
  name: z.string().optional(),
});

/** What SELU saturates at. */
const SATURATED = -1.7580993408473766;

export function alphaDropout(options: z.input<typeof alphaDropoutOptions> = {}): Layer {
  const parsed = parseOptions('alphaDropout', alphaDropoutOptions, options);
  return {
    config: { layer: 'alphaDropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (!scope.noisy || rate === 0) return x;
      const mask = keepMask(scope, x.shape, rate);
      const a = 1 / Math.sqrt((1 - rate) * (1 + SATURATED ** 2 * rate));
      const b = -a * rate * SATURATED;
      // a·(m·x + (1 − m)·α') + b
      const filling = tf.add(tf.mul(tf.sub(1, mask), a * SATURATED), b);
      return tf.add(tf.mul(x, tf.mul(mask, a)), filling);
    },
  };
}
