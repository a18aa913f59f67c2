import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const leakyReluOptions = z.strictObject({
  /** Slope for negative numbers. Default 0.2. */
  slope: z.number().min(0).lt(1).default(0.2),
  ...named,
});

/**
 * Leaky relu (Maas et al., 2013), any shape: x where x > 0, slope·x elsewhere.
 *
 * @param slope Slope for negative numbers, 0 ≤ slope < 1. Default 0.2.
 * @throws UsageError if the slope is out of range.
 * @example
 * leakyRelu(0.1).config // → { layer: 'leakyRelu', slope: 0.1 }
 */
export function leakyRelu(
  slope?: number,
  options: Omit<z.input<typeof leakyReluOptions>, 'slope'> = {},
): Layer {
  const parsed = parseOptions('leakyRelu', leakyReluOptions, positional('leakyRelu', { slope }, options));
  // (1 + slope)/2·x + (1 − slope)/2·|x| is the same function, and TensorFlow.js has its second derivative, which a
  // gradient penalty needs; it cannot differentiate its own leaky relu twice.
  const [even, odd] = [(1 - parsed.slope) / 2, (1 + parsed.slope) / 2];
  return {
    config: { layer: 'leakyRelu', ...parsed },
    init: (_, input) => input,
    apply: (_, x) => tf.add(tf.mul(x, odd), tf.mul(tf.abs(x), even)),
  };
}
