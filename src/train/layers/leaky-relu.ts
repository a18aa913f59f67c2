/**
 * Leaky relu (Maas et al., 2013): x where it is positive, slope·x elsewhere, any shape. It is computed as
 * (1 + slope)/2·x + (1 − slope)/2·|x|, the same function, because TensorFlow.js cannot differentiate its own
 * twice, and a gradient penalty must.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';

export const leakyReluOptions = z.strictObject({
  slope: z.number().min(0).lt(1).default(0.2),
  name: z.string().optional(),
});

export function leakyRelu(options: z.input<typeof leakyReluOptions> = {}): Layer {
  const parsed = parseOptions('leakyRelu', leakyReluOptions, options);
  const [even, odd] = [(1 - parsed.slope) / 2, (1 + parsed.slope) / 2];
  return {
    config: { layer: 'leakyRelu', ...parsed },
    init: (_, input) => input,
    apply: (_, x) => tf.add(tf.mul(x, odd), tf.mul(tf.abs(x), even)),
  };
}
