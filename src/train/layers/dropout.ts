import { z } from 'zod';
import { parseOptions, type Scheduled } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { formSchema, invertedMask, keepMask, rateSchema, refuseScheduledTradition } from './masks.js';
import { named } from './named.js';

export const dropoutOptions = z.strictObject({
  /** Probability of dropping a unit. Default 0.5. */
  rate: rateSchema.default(0.5),
  /** Where the expectation is kept: in training ('inverted') or at inference ('traditional'). Default 'inverted'. */
  form: formSchema.default('inverted'),
  ...named,
});

/**
 * Dropout (Srivastava et al., 2014), any shape: in training each unit is 0 with probability `rate`. The inverted form
 * divides the others by 1 − rate, and inference returns the input; the traditional form, that of the paper, leaves
 * them, and inference multiplies by 1 − rate. Masks come from the seed, the step and the layer's path.
 *
 * @param rate Probability of dropping a unit, in 0..0.999: a number or a schedule. Default 0.5.
 * @throws UsageError if the rate is out of range, or is a schedule in the traditional form.
 * @example
 * dropout(0.5).config // → { layer: 'dropout', rate: 0.5, form: 'inverted' }
 */
export function dropout(rate?: Scheduled, options: Omit<z.input<typeof dropoutOptions>, 'rate'> = {}): Layer {
  const parsed = parseOptions('dropout', dropoutOptions, positional('dropout', { rate }, options));
  refuseScheduledTradition('dropout', parsed);
  const isInverted = parsed.form === 'inverted';
  return {
    config: { layer: 'dropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      if (parsed.rate === 0) return x;
      if (!scope.noisy)
        return isInverted
          ? x
          : tf.mul(
              x,
              scope.scheduled(parsed.rate, (rate) => 1 - rate),
            );
      return tf.mul(x, (isInverted ? invertedMask : keepMask)(scope, x.shape, parsed.rate));
    },
  };
}
