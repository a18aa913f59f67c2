/** Every pixel becomes factor × factor pixels (nearest neighbor): [B, H, W, C] → [B, f·H, f·W, C]. */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';

export const upsampleOptions = z.strictObject({
  factor: z.int().min(1).default(2),
  name: z.string().optional(),
});

export function upsample(options: z.input<typeof upsampleOptions> = {}): Layer {
  const parsed = parseOptions('upsample', upsampleOptions, options);
  const { factor } = parsed;
  return {
    config: { layer: 'upsample', ...parsed },
    init(_, input) {
      if (input.length !== 3) throw new UsageError(expected('upsample', 'images [H, W, C]', input));
      return [input[0] * factor, input[1] * factor, input[2]];
    },
    apply(_, x) {
      const [, height, width] = x.shape as [number, number, number, number];
      return tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [height * factor, width * factor]);
    },
  };
}
