import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { invertedMask, rateSchema } from './masks.js';
import { named } from './named.js';

export const embeddingOptions = z.strictObject({
  /** Rows of the table. */
  vocabulary: z.int().min(1),
  /** Numbers in each vector. */
  units: z.int().min(1),
  /** Probability of dropping a row of the table, in 0..0.999: a number or a schedule. Default 0. */
  rate: rateSchema.default(0),
  /** First values of the table. Default 'lecunNormal'. */
  initializer: z.enum(initializerNames).default('lecunNormal'),
  ...named,
});

/**
 * Embedding: whole numbers [B, T] in 0..vocabulary − 1 → vectors [B, T, units], rows of a learned table
 * [vocabulary, units]. In training, a row of the table is 0 with probability `rate` wherever it occurs, for the whole
 * step, and the others are divided by 1 − rate (Gal and Ghahramani, 2016); inference drops none.
 *
 * @param vocabulary Rows of the table, ≥ 1.
 * @param units Numbers in each vector, ≥ 1.
 * @throws UsageError if the input is not [T].
 * @example
 * embedding(1000, 64, { rate: 0.1 }).config.vocabulary // → 1000
 */
export function embedding(
  vocabulary: number,
  units: number,
  options: Omit<z.input<typeof embeddingOptions>, 'vocabulary' | 'units'> = {},
): Layer {
  const parsed = parseOptions(
    'embedding',
    embeddingOptions,
    positional('embedding', { vocabulary, units }, options),
  );
  const { initializer } = parsed;
  return {
    config: { layer: 'embedding', ...parsed },
    init(scope, input) {
      if (input.length !== 1) throw new UsageError(expected('embedding', 'indices [T]', input));
      scope.param('kernel', 'kernel', [vocabulary, units], initializers[initializer], units);
      return [input[0], units];
    },
    apply(scope, x) {
      const table = scope.param('kernel');
      const kept =
        scope.noisy && parsed.rate !== 0
          ? tf.mul(table, invertedMask(scope, [vocabulary, 1], parsed.rate))
          : table;
      return tf.gather(kept, x.toInt());
    },
  };
}
