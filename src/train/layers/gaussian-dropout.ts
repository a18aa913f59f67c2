import { z } from 'zod';
import { parseOptions, type Scheduled } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { rateSchema } from './masks.js';
import { named } from './named.js';

export const gaussianDropoutOptions = z.strictObject({
  /** Rate of the dropout that it replaces. Default 0.5. */
  rate: rateSchema.default(0.5),
  ...named,
});

/**
 * Gaussian dropout (Srivastava et al., 2014, section 10), any shape: y = x·ξ with ξ ~ N(1, p/(1 − p)) for each unit,
 * which has the mean and the variance of inverted dropout of rate p. Inference returns the input.
 *
 * @param rate p of the dropout that it replaces, in 0..0.999: a number or a schedule. Default 0.5.
 * @throws UsageError if the rate is out of range.
 * @example
 * gaussianDropout(0.2).config // → { layer: 'gaussianDropout', rate: 0.2 }
 */
export function gaussianDropout(
  rate?: Scheduled,
  options: Omit<z.input<typeof gaussianDropoutOptions>, 'rate'> = {},
): Layer {
  const parsed = parseOptions(
    'gaussianDropout',
    gaussianDropoutOptions,
    positional('gaussianDropout', { rate }, options),
  );
  return {
    config: { layer: 'gaussianDropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      if (!scope.noisy || parsed.rate === 0) return x;
      const deviation = scope.scheduled(parsed.rate, (rate) => Math.sqrt(rate / (1 - rate)));
      return tf.mul(x, tf.add(tf.mul(scope.normal(x.shape), deviation), 1));
    },
  };
}
