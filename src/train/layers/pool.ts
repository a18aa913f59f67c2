/** Pooling with windows that lie inside the image, or inside what padding makes of it. */

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

export const maxPoolOptions = z
  .strictObject({
    ...poolOptions.shape,
    /** Rows and columns added on each side, at most half a window, which are never the largest value. Default 0. */
    padding: z.int().min(0).optional(),
  })
  .refine(({ size, padding = 0 }) => 2 * padding <= size, {
    path: ['padding'],
    message: 'expected a padding of at most half a window',
  });
type MaxPoolOptions = Omit<z.input<typeof maxPoolOptions>, 'size'>;

/**
 * The largest value of each window of an image: [B, H, W, C] → [B, H', W', C], H' = ⌊(H + 2·padding − size)/stride⌋ + 1.
 * Windows lie inside the image and its padding, and rows and columns that fill no window are left out. Padding is below
 * every number, as in PyTorch.
 *
 * @param size Side of the window in pixels, ≥ 1. Default 2.
 * @throws UsageError if the padding is more than half a window, or the input is not [H, W, C] with sides of at least
 * `size` pixels, padding included.
 * @example
 * maxPool(3, { stride: 2, padding: 1 }).config // → { layer: 'maxPool', size: 3, stride: 2, padding: 1 }
 */
export function maxPool(size?: number, options: MaxPoolOptions = {}): Layer {
  const parsed = parseOptions('maxPool', maxPoolOptions, positional('maxPool', { size }, options));
  const { padding: pad = 0 } = parsed;
  return pool('maxPool', parsed, (x, window, stride) => tf.maxPool(padded(x, pad), window, stride, 'valid'));
}

/** The least float32: −∞ would be NaN where a kernel multiplies by it. */
const LEAST = -3.4028234663852886e38;

function padded(x: tf.Tensor4D, pad: number): tf.Tensor4D {
  if (pad === 0) return x;
  const sides: [number, number] = [pad, pad];
  return tf.pad(x, [[0, 0], sides, sides, [0, 0]], LEAST);
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
  const parsed = parseOptions('avgPool', poolOptions, positional('avgPool', { size }, options));
  return pool('avgPool', parsed, (x, window, stride) => tf.avgPool(x, window, stride, 'valid'));
}

function pool(
  layer: string,
  parsed: z.output<typeof maxPoolOptions>,
  run: (x: tf.Tensor4D, window: number, stride: number) => tf.Tensor,
): Layer {
  const { size, stride = size, padding = 0 } = parsed;
  return {
    config: { layer, ...parsed },
    init(_, input) {
      const least = Math.max(1, size - 2 * padding);
      if (input.length !== 3 || Math.min(input[0], input[1]) < least) {
        throw new UsageError(expected(layer, `images of at least ${least} pixels a side`, input));
      }
      const windows = (n: number) => Math.floor((n + 2 * padding - size) / stride) + 1;
      return [windows(input[0]), windows(input[1]), input[2]];
    },
    apply: (_, x) => run(x as tf.Tensor4D, size, stride),
  };
}
