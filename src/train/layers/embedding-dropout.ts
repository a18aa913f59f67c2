/**
 * Dropout of whole tokens, [B, T, D] → the same: a token's vector is 0 with probability `rate`, the others are
 * divided by 1 − rate. It is `embedding`'s dropout for tokens that come from no table, such as the patches of
 * an image, where every token is a type of its own. Nothing at inference.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { keepMask, rateSchema } from './masks.js';

export const embeddingDropoutOptions = z.strictObject({
  /** Probability of dropping a token; a number or a schedule. */
  rate: rateSchema.default(0.1),
  name: z.string().optional(),
});

export function embeddingDropout(options: z.input<typeof embeddingDropoutOptions> = {}): Layer {
  const parsed = parseOptions('embeddingDropout', embeddingDropoutOptions, options);
  return {
    config: { layer: 'embeddingDropout', ...parsed },
    init(_, input) {
      if (input.length === 2) return input;
      throw new UsageError(expected('embeddingDropout', 'tokens [T, D]', input, 'use dropout() elsewhere'));
    },
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (!scope.noisy || rate === 0) return x;
      return tf.mul(x, tf.div(keepMask(scope, [x.shape[0], x.shape[1] as number, 1], rate), 1 - rate));
    },
  };
}
