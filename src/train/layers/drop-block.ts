import { z } from 'zod';
import { expected, parseOptions, type Scheduled, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { rateSchema } from './masks.js';
import { named } from './named.js';

export const dropBlockOptions = z.strictObject({
  /** Share of pixels to drop. Default 0.1. */
  rate: rateSchema.default(0.1),
  /** Side k of the squares, in pixels. Default 7. */
  size: z.int().min(1).default(7),
  ...named,
});

/**
 * DropBlock (Ghiasi et al., 2018): drops squares of k×k neighboring pixels, independently in each channel,
 * [B, H, W, C] → the same. Seeds ~ Bernoulli(γ), γ = p·H·W / (k²·(H − k + 1)·(W − k + 1)), lie where the whole square
 * is inside the image, and each seed drops its square; the rest is multiplied by (numbers in the mask) / (ones in the
 * mask), over the whole batch as in the paper. Because squares overlap, slightly less than p is dropped. Inference
 * returns the input.
 *
 * @param rate p, the share of pixels to drop, in 0..0.999: a number, or a schedule such as linear(0, 0.1), which the
 * paper recommends. Default 0.1.
 * @throws UsageError if the input is not [H, W, C] with sides of at least `size` pixels.
 * @example
 * dropBlock(0.1, { size: 5 }).config // → { layer: 'dropBlock', rate: 0.1, size: 5 }
 */
export function dropBlock(
  rate?: Scheduled,
  options: Omit<z.input<typeof dropBlockOptions>, 'rate'> = {},
): Layer {
  const parsed = parseOptions('dropBlock', dropBlockOptions, positional('dropBlock', { rate }, options));
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
      if (!scope.noisy || parsed.rate === 0) return x;
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const places = (height - size + 1) * (width - size + 1);
      const gamma = scope.scheduled(parsed.rate, (rate) =>
        Math.min(1, (rate * height * width) / (size * size * places)),
      );
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
