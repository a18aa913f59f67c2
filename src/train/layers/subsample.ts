/**
 * The shortcut without parameters (He et al., 2016, "option A"): every stride-th pixel, and channels of
 * zeros on both sides until there are `filters`. [B, H, W, C] → [B, ⌈H/s⌉, ⌈W/s⌉, filters].
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';

export const subsampleOptions = z.strictObject({
  filters: z.int().min(1),
  stride: z.int().min(1).default(2),
  name: z.string().optional(),
});

export function subsample(options: z.input<typeof subsampleOptions>): Layer {
  const parsed = parseOptions('subsample', subsampleOptions, options);
  const { filters, stride } = parsed;
  return {
    config: { layer: 'subsample', ...parsed },
    init(_, input) {
      if (input.length !== 3 || input[2] > filters) {
        throw new UsageError(expected('subsample', `images of at most ${filters} channels`, input));
      }
      return [Math.ceil(input[0] / stride), Math.ceil(input[1] / stride), filters];
    },
    apply(_, x) {
      // A pool with a window of one pixel picks every stride-th, and has a gradient on every backend.
      const images = x as tf.Tensor4D;
      const picked = stride === 1 ? images : tf.avgPool(images, 1, stride, 'valid');
      const missing = filters - images.shape[3];
      const before = Math.floor(missing / 2);
      return missing === 0
        ? picked
        : tf.pad(picked, [
            [0, 0],
            [0, 0],
            [0, 0],
            [before, missing - before],
          ]);
    },
  };
}
