/** Pooling with windows that lie inside the image. */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const poolOptions = z.strictObject({
  /** Side of the window, in pixels. Default 2. */
  size: z.int().min(1).default(2),
  /** Pixels from one window to the next. Default: the side of the window, without overlap. */
  stride: z.int().min(1).optional(),
  ...named,
});
type PoolOptions = Omit<z.input<typeof poolOptions>, 'size'>;

/**
 * The largest value of each window of an image: [B, H, W, C] → [B, H', W', C], H' = ⌊(H − size)/stride⌋ + 1. Windows lie inside
 * the image, and rows and columns that fill no window are left out.
 *
 * @param size Side of the window in pixels, ≥ 1. Default 2.
 * @throws UsageError if the input is not [H, W, C] with sides of at least `size` pixels.
 * @example
 * maxPool(3, { stride: 2 }).config // → { layer: 'maxPool', size: 3, stride: 2 }
 */
export function maxPool(size?: number, options: PoolOptions = {}): Layer {
  return pool('maxPool', (x, window, stride) => tf.maxPool(x, window, stride, 'valid'), size, options);
}

/**
 * The mean of each window of an image: [B, H, W, C] → [B, H', W', C], H' = ⌊(H − size)/stride⌋ + 1. Windows lie inside
 * the image, and rows and columns that fill no window are left out.
 *
 * @param size Side of the window in pixels, ≥ 1. Default 2.
 * @throws UsageError if the input is not [H, W, C] with sides of at least `size` pixels.
 * @example
 * avgPool(2).config // → { layer: 'avgPool', size: 2 }
 */
export function avgPool(size?: number, options: PoolOptions = {}): Layer {
  return pool('avgPool', (x, window, stride) => tf.avgPool(x, window, stride, 'valid'), size, options);
}

function pool(
  layer: string,
  run: (x: tf.Tensor4D, window: number, stride: number) => tf.Tensor,
  side: number | undefined,
  options: PoolOptions,
): Layer {
  const parsed = parseOptions(layer, poolOptions, positional(layer, { size: side }, options));
  const { size, stride = size } = parsed;
  return {
    config: { layer, ...parsed },
    init(_, input) {
      if (input.length !== 3 || Math.min(input[0], input[1]) < size) {
        throw new UsageError(expected(layer, `images of at least ${size} pixels a side`, input));
      }
      const windows = (n: number) => Math.floor((n - size) / stride) + 1;
      return [windows(input[0]), windows(input[1]), input[2]];
    },
    apply: (_, x) => run(x as tf.Tensor4D, size, stride),
  };
}
