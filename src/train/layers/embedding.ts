/**
 * Embedding with dropout of whole rows (Gal and Ghahramani, 2016): indices [B, T] → vectors [B, T, units],
 * rows of the table [vocabulary, units]. In training a row is 0 with probability `rate` wherever it occurs,
 * for the full forward and backward pass, and the others are divided by 1 − rate. Indices must lie in
 * 0..vocabulary − 1.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { keepMask, rateSchema } from './masks.js';

export const embeddingOptions = z.strictObject({
  /** Rows of the table. */
  vocabulary: z.int().min(1),
  units: z.int().min(1),
  /** Probability of dropping a row; a number or a schedule. */
  rate: rateSchema.default(0),
  initializer: z.enum(initializerNames).default('lecunNormal'),
  name: z.string().optional(),
});

export function embedding(options: z.input<typeof embeddingOptions>): Layer {
  const parsed = parseOptions('embedding', embeddingOptions, options);
  const { vocabulary, units, initializer } = parsed;
  return {
    config: { layer: 'embedding', ...parsed },
    init(scope, input) {
      if (input.length !== 1) throw new UsageError(expected('embedding', 'indices [T]', input));
      scope.param('kernel', 'kernel', [vocabulary, units], initializers[initializer], units);
      return [input[0], units];
    },
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      const table = scope.param('kernel');
      const kept =
        scope.noisy && rate > 0
          ? tf.mul(table, tf.div(keepMask(scope, [vocabulary, 1], rate), 1 - rate))
          : table;
      return tf.gather(kept, x.toInt());
    },
  };
}
