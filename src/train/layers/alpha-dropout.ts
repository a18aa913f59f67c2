import { z } from 'zod';
import { parseOptions, type Scheduled } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { keepMask, rateSchema } from './masks.js';
import { named } from './named.js';

export const alphaDropoutOptions = z.strictObject({
  /** Probability of dropping a unit. Default 0.1. */
  rate: rateSchema.default(0.1),
  ...named,
});

/** The limit of SELU for x → −∞. */
const SATURATED = -1.7580993408473766;

/**
 * Alpha dropout (Klambauer et al., "Self-normalizing neural networks", 2017), for networks with SELU, any shape.
 * A dropped unit becomes α' = −λα = −1.7581 instead of 0; then y = a·x + b with a = (q + α'²·q·p)^(−½),
 * b = −a·p·α', q = 1 − p, which keeps mean 0 and variance 1. Inference returns the input.
 *
 * @param rate p, the probability of dropping a unit, in 0..0.999: a number or a schedule. Default 0.1; the paper uses
 * 0.05 to 0.1.
 * @throws UsageError if the rate is out of range.
 * @example
 * alphaDropout(0.05).config // → { layer: 'alphaDropout', rate: 0.05 }
 */
export function alphaDropout(
  rate?: Scheduled,
  options: Omit<z.input<typeof alphaDropoutOptions>, 'rate'> = {},
): Layer {
  const parsed = parseOptions(
    'alphaDropout',
    alphaDropoutOptions,
    positional('alphaDropout', { rate }, options),
  );
  return {
    config: { layer: 'alphaDropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      if (!scope.noisy || parsed.rate === 0) return x;
      const mask = keepMask(scope, x.shape, parsed.rate);
      const slope = (rate: number) => 1 / Math.sqrt((1 - rate) * (1 + SATURATED ** 2 * rate));
      const a = scope.scheduled(parsed.rate, slope);
      const saturated = scope.scheduled(parsed.rate, (rate) => slope(rate) * SATURATED);
      const b = scope.scheduled(parsed.rate, (rate) => -slope(rate) * rate * SATURATED);
      // a·(m·x + (1 − m)·α') + b
      const filling = tf.add(tf.mul(tf.sub(1, mask), saturated), b);
      return tf.add(tf.mul(x, tf.mul(mask, a)), filling);
    },
  };
}
