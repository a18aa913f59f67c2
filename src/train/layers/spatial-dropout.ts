import { z } from 'zod';
import { expected, parseOptions, type Scheduled, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { invertedMask, rateSchema } from './masks.js';
import { named } from './named.js';

export const spatialDropoutOptions = z.strictObject({
  /** Probability of dropping a channel. Default 0.1. */
  rate: rateSchema.default(0.1),
  ...named,
});

/**
 * Spatial dropout (Tompson et al., 2015): drops whole channels of [B, H, W, C], drawn for each sample and channel,
 * because neighboring pixels are so alike that dropping single ones hides little. Inverted: the other channels are
 * divided by 1 − rate, and inference returns the input.
 *
 * @param rate Probability of dropping a channel, in 0..0.999: a number or a schedule. Default 0.1.
 * @throws UsageError if the input is not [H, W, C].
 * @example
 * spatialDropout(0.2).config // → { layer: 'spatialDropout', rate: 0.2 }
 */
export function spatialDropout(
  rate?: Scheduled,
  options: Omit<z.input<typeof spatialDropoutOptions>, 'rate'> = {},
): Layer {
  const parsed = parseOptions(
    'spatialDropout',
    spatialDropoutOptions,
    positional('spatialDropout', { rate }, options),
  );
  return {
    config: { layer: 'spatialDropout', ...parsed },
    init(_, input) {
      if (input.length === 3) return input;
      throw new UsageError(
        expected('spatialDropout', 'images [H, W, C]', input, 'use dropout() where there is no space'),
      );
    },
    apply(scope, x) {
      if (!scope.noisy || parsed.rate === 0) return x;
      return tf.mul(x, invertedMask(scope, [x.shape[0], 1, 1, x.shape[3] as number], parsed.rate));
    },
  };
}
