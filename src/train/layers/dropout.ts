/**
 * Dropout (Srivastava et al., 2014): in training each unit is 0 with probability `rate`. In the inverted form
 * the others are divided by 1 − rate, so that inference needs nothing; in the traditional one, that of the
 * paper, inference multiplies by 1 − rate. The mask comes from the step's key.
 */

import { z } from 'zod';
import { parseOptions, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { formSchema, keepMask, rateSchema, refuseScheduledTradition } from './masks.js';

export const dropoutOptions = z.strictObject({
  /** Probability of dropping, 0 ≤ rate < 1; a number or a schedule. */
  rate: rateSchema.default(0.5),
  form: formSchema.default('inverted'),
  name: z.string().optional(),
});

export function dropout(options: z.input<typeof dropoutOptions> = {}): Layer {
  const parsed = parseOptions('dropout', dropoutOptions, options);
  refuseScheduledTradition('dropout', parsed);
  const isInverted = parsed.form === 'inverted';
  return {
    config: { layer: 'dropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (rate === 0) return x;
      if (!scope.noisy) return isInverted ? x : tf.mul(x, 1 - rate);
      const mask = keepMask(scope, x.shape, rate);
      return tf.mul(x, isInverted ? tf.div(mask, 1 - rate) : mask);
    },
  };
}
