/**
 * Spatial dropout (Tompson et al., 2015): whole channels of [B, H, W, C] are dropped, one draw for each sample
 * and channel, because neighboring pixels tell each other what a single one hides. Inverted.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { keepMask, rateSchema } from './masks.js';

export const spatialDropoutOptions = z.strictObject({
  /** Probability of dropping a channel; a number or a schedule. */
  rate: rateSchema.default(0.1),
  name: z.string().optional(),
});

export function spatialDropout(options: z.input<typeof spatialDropoutOptions> = {}): Layer {
  const parsed = parseOptions('spatialDropout', spatialDropoutOptions, options);
  return {
    config: { layer: 'spatialDropout', ...parsed },
    init(_, input) {
      if (input.length === 3) return input;
      throw new UsageError(
        expected('spatialDropout', 'images [H, W, C]', input, 'use dropout() where there is no space'),
      );
    },
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (!scope.noisy || rate === 0) return x;
      const mask = keepMask(scope, [x.shape[0], 1, 1, x.shape[3] as number], rate);
      return tf.mul(x, tf.div(mask, 1 - rate));
    },
  };
}
