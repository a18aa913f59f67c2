import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const conv2dOptions = z.strictObject({
  /** Channels of the output. */
  filters: z.int().min(1),
  /** Side k of the kernel, in pixels. Default 3. */
  kernel: z.int().min(1).default(3),
  /** Pixels from one position of the kernel to the next. Default 1. */
  stride: z.int().min(1).default(1),
  /**
   * 'same' pads with zeros to ⌈side/stride⌉ (an odd number gives the extra row to the bottom and right, as in
   * TensorFlow), 'valid' pads nothing, a number pads so many pixels on each side, as in PyTorch. Default 'same'.
   */
  padding: z.union([z.enum(['same', 'valid']), z.int().min(0)]).default('same'),
  /** Whether a bias is added. Default true. */
  bias: z.boolean().default(true),
  /** First values of the kernel; biases start at 0. Default 'heNormal'. */
  initializer: z.enum(initializerNames).default('heNormal'),
  ...named,
});

/**
 * 2D convolution (a cross-correlation): [B, H, W, C] → [B, H', W', filters]; the kernel is [k, k, C, filters]. H' is
 * ⌈H/stride⌉ for padding 'same', else ⌊(H + 2·padding − k)/stride⌋ + 1. The same in training and inference.
 *
 * @param filters Channels of the output, ≥ 1.
 * @throws UsageError if the input is not [H, W, C] or is smaller than the kernel.
 * @example
 * conv2d(32, { stride: 2, bias: false }).config.stride // → 2
 */
export function conv2d(filters: number, options: Omit<z.input<typeof conv2dOptions>, 'filters'> = {}): Layer {
  const parsed = parseOptions('conv2d', conv2dOptions, positional('conv2d', { filters }, options));
  const { kernel, stride, padding, bias, initializer } = parsed;
  // Equal to 'same', which needs no padded copy of the input and has a gradient on every backend.
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
