import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const upsampleOptions = z.strictObject({
  /** Times as high and wide. Default 2. */
  factor: z.int().min(1).default(2),
  ...named,
});

/**
 * Each pixel becomes factor × factor pixels (nearest neighbor): [B, H, W, C] → [B, factor·H, factor·W, C].
 *
 * @param factor Times as high and wide, a whole number ≥ 1. Default 2.
 * @throws UsageError if the input is not [H, W, C].
 * @example
 * upsample(2).config // → { layer: 'upsample', factor: 2 }
 */
export function upsample(
  factor?: number,
  options: Omit<z.input<typeof upsampleOptions>, 'factor'> = {},
): Layer {
  const parsed = parseOptions('upsample', upsampleOptions, positional('upsample', { factor }, options));
  return {
    config: { layer: 'upsample', ...parsed },
    init(_, input) {
      if (input.length !== 3) throw new UsageError(expected('upsample', 'images [H, W, C]', input));
      return [input[0] * parsed.factor, input[1] * parsed.factor, input[2]];
    },
    apply(_, x) {
      const [, height, width] = x.shape as [number, number, number, number];
      return tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [
        height * parsed.factor,
        width * parsed.factor,
      ]);
    },
  };
}
