/**
 * DropBlock (Ghiasi et al., 2018): squares of k×k neighboring pixels are dropped, in each channel its own.
 * Seeds ~ Bernoulli(γ), γ = p·H·W / (k²·(H − k + 1)·(W − k + 1)), at places where the whole square is inside
 * the image; each seed covers its square; what is left is multiplied by (numbers in the mask) / (ones in it),
 * over the whole batch as in the paper. p ramps up well from 0: `rate: linear(0, 0.1)`. Because squares
 * overlap, a little less than p is dropped.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { rateSchema } from './masks.js';

export const dropBlockOptions = z.strictObject({
  /** p: the share of pixels to drop; a number or a schedule such as linear(0, 0.1). */
  rate: rateSchema.default(0.1),
  /** k: side of the squares. */
  size: z.int().min(1).default(7),
  name: z.string().optional(),
});

export function dropBlock(options: z.input<typeof dropBlockOptions> = {}): Layer {
  const parsed = parseOptions('dropBlock', dropBlockOptions, options);
  const { size } = parsed;
  return {
    config: { layer: 'dropBlock', ...parsed },
    init(_, input) {
      if (input.length === 3 && Math.min(input[0], input[1]) >= size) return input;
      throw new UsageError(
        expected('dropBlock', `images of at least ${size} pixels a side`, input, 'use a smaller size'),
      );
    },
    apply(scope, x) {
      const rate = valueAt(parsed.rate, scope.progress);
      if (!scope.noisy || rate === 0) return x;
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const places = (height - size + 1) * (width - size + 1);
      const gamma = Math.min(1, (rate * height * width) / (size * size * places));
      const noise = scope.uniform([batch, height - size + 1, width - size + 1, channels]);
      const seeds = tf.less(noise, gamma).toFloat();
      const around = size - 1;
      const padded = tf.pad(seeds, [
        [0, 0],
        [around, around],
        [around, around],
        [0, 0],
      ]);
      const keep = tf.sub(1, tf.maxPool(padded as tf.Tensor4D, size, 1, 'valid')); // [B, H, W, C]
      const scale = tf.div(keep.size, tf.maximum(tf.sum(keep), 1));
      return tf.mul(x, tf.mul(keep, scale));
    },
  };
}
