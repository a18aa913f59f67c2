/**
 * Convolution: [B, H, W, C] → [B, H', W', filters]; the kernel is [k, k, C, filters].
 * Padding is 'same' (TensorFlow's: when a stride leaves an odd number, the extra row is at the bottom and
 * right), 'valid' (none), or a number of rows on each side, as in PyTorch.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';

export const conv2dOptions = z.strictObject({
  filters: z.int().min(1),
  /** Side of the kernel. */
  kernel: z.int().min(1).default(3),
  stride: z.int().min(1).default(1),
  padding: z.union([z.enum(['same', 'valid']), z.int().min(0)]).default('same'),
  bias: z.boolean().default(true),
  initializer: z.enum(initializerNames).default('heNormal'),
  name: z.string().optional(),
});

export function conv2d(options: z.input<typeof conv2dOptions>): Layer {
  const parsed = parseOptions('conv2d', conv2dOptions, options);
  const { filters, kernel, stride, padding, bias, initializer } = parsed;
  // The same thing as 'same', which needs no padded copy of the input and has a gradient everywhere.
  const isSame = padding === 'same' || (stride === 1 && padding === (kernel - 1) / 2);
  const pad = typeof padding === 'number' && !isSame ? padding : 0;

  return {
    config: { layer: 'conv2d', ...parsed },
    init(scope, input) {
      if (input.length !== 3) throw new UsageError(expected('conv2d', 'images [H, W, C]', input));
      const [height, width, channels] = input;
      const side = (n: number) =>
        isSame ? Math.ceil(n / stride) : Math.floor((n + 2 * pad - kernel) / stride) + 1;
      const output = [side(height), side(width), filters];
      if (Math.min(...output) < 1) {
        throw new UsageError(
          expected('conv2d', `images of at least ${kernel - 2 * pad} pixels a side`, [height, width]),
        );
      }
      scope.param('kernel', 'kernel', [kernel, kernel, channels, filters], initializers[initializer]);
      if (bias) scope.param('bias', 'bias', [filters], constant(0));
      return output;
    },
    apply(scope, x) {
      const images =
        pad > 0
          ? tf.pad(x, [
              [0, 0],
              [pad, pad],
              [pad, pad],
              [0, 0],
            ])
          : x;
      const w = scope.param('kernel') as tf.Tensor4D;
      const y = tf.conv2d(images as tf.Tensor4D, w, stride, isSame ? 'same' : 'valid');
      return bias ? tf.add(y, scope.param('bias')) : y;
    },
  };
}
