import { z } from 'zod';
import { expected, parseOptions, type Scheduled, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { invertedMask, rateSchema } from './masks.js';
import { named } from './named.js';

export const embeddingDropoutOptions = z.strictObject({
  /** Probability of dropping a token. Default 0.1. */
  rate: rateSchema.default(0.1),
  ...named,
});

/**
 * Dropout of whole tokens, [B, T, D] → the same: a token's vector is 0 with probability `rate`, and the others are
 * divided by 1 − rate. It is the dropout of `embedding` (Gal and Ghahramani, 2016) for tokens that come from no table,
 * such as patches of an image. Inference returns the input.
 *
 * @param rate Probability of dropping a token, in 0..0.999: a number or a schedule. Default 0.1.
 * @throws UsageError if the input is not [T, D].
 * @example
 * embeddingDropout(0.2).config // → { layer: 'embeddingDropout', rate: 0.2 }
 */
export function embeddingDropout(
  rate?: Scheduled,
  options: Omit<z.input<typeof embeddingDropoutOptions>, 'rate'> = {},
): Layer {
  const parsed = parseOptions(
    'embeddingDropout',
    embeddingDropoutOptions,
    positional('embeddingDropout', { rate }, options),
  );
  return {
    config: { layer: 'embeddingDropout', ...parsed },
    init(_, input) {
      if (input.length === 2) return input;
      throw new UsageError(expected('embeddingDropout', 'tokens [T, D]', input, 'use dropout() elsewhere'));
    },
    apply(scope, x) {
      if (!scope.noisy || parsed.rate === 0) return x;
      return tf.mul(x, invertedMask(scope, [x.shape[0], x.shape[1] as number, 1], parsed.rate));
    },
  };
}
