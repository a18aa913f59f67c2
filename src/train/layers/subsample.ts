import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const subsampleOptions = z.strictObject({
  /** Channels of the output. */
  filters: z.int().min(1),
  /** Pixels from one that is kept to the next. Default 2. */
  stride: z.int().min(1).default(2),
  ...named,
});

/**
 * The shortcut without parameters (He et al., 2016, "option A"): every stride-th pixel, and zero channels added on both
 * sides until there are `filters`. [B, H, W, C] → [B, ⌈H/stride⌉, ⌈W/stride⌉, filters].
 *
 * @param filters Channels of the output, at least those of the input.
 * @throws UsageError if the input is not [H, W, C] or has more channels than `filters`.
 * @example
 * subsample(32).config // → { layer: 'subsample', filters: 32, stride: 2 }
 */
export function subsample(
  filters: number,
  options: Omit<z.input<typeof subsampleOptions>, 'filters'> = {},
): Layer {
  const parsed = parseOptions('subsample', subsampleOptions, positional('subsample', { filters }, options));
  const { stride } = parsed;
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
