/** The largest or the mean value of each window, [B, H, W, C] → [B, H', W', C]; windows lie inside the image. */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';

export const poolOptions = z.strictObject({
  /** Side of the window. */
  size: z.int().min(1).default(2),
  /** Default: the window's side, so that windows do not overlap. */
  stride: z.int().min(1).optional(),
  name: z.string().optional(),
});
type PoolOptions = z.input<typeof poolOptions>;

export const maxPool = (options: PoolOptions = {}): Layer => pool('maxPool', tf.maxPool, options);
export const avgPool = (options: PoolOptions = {}): Layer => pool('avgPool', tf.avgPool, options);

function pool(layer: string, run: typeof tf.maxPool, options: PoolOptions): Layer {
  const parsed = parseOptions(layer, poolOptions, options);
  const { size, stride = size } = parsed;
  return {
    config: { layer, ...parsed },
    init(_, input) {
      if (input.length !== 3 || Math.min(input[0], input[1]) < size) {
        throw new UsageError(expected(layer, `images of at least ${size} pixels a side`, input));
      }
      const side = (n: number) => Math.floor((n - size) / stride) + 1;
      return [side(input[0]), side(input[1]), input[2]];
    },
    apply: (_, x) => run(x as tf.Tensor4D, size, stride, 'valid'),
  };
}
