/**
 * Inverted dropout (Srivastava et al., 2014): in training each unit is 0 with probability `rate`, and the
 * others are divided by 1 − rate, so that inference needs nothing. The mask comes from the step's key.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { parseOptions, scheduled, valueAt } from '../../core/index.js';
import type { Layer } from './layer.js';

export const dropoutOptions = z.strictObject({
  /** Probability of dropping, 0 ≤ rate < 1; a number or a schedule. */
  rate: scheduled(0, 0.999).default(0.5),
  name: z.string().optional(),
});

export function dropout(options: z.input<typeof dropoutOptions> = {}): Layer {
  const parsed = parseOptions('dropout', dropoutOptions, options);
  return {
    config: { layer: 'dropout', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (!scope.training || rate === 0) return x;
      const kept = tf.less(scope.uniform(x.shape), 1 - rate).toFloat();
      return tf.mul(x, tf.div(kept, 1 - rate));
    },
  };
}
