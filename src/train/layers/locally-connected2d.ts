/**
 * Convolution without sharing (LeCun, 1989): each place of the output has a kernel of its own.
 * [B, H, W, C] → [B, H', W', filters], with P = H'·W' places; the kernel is [k, k, C, P·filters], place by place,
 * so that its last axis has one entry for each output and penalties see the weights that enter it. The bias is
 * [H', W', filters]. With one kernel repeated at every place it is `conv2d`, which has P times fewer weights.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';

export const locallyConnected2dOptions = z.strictObject({
  filters: z.int().min(1),
  /** Side of the kernels. */
  kernel: z.int().min(1).default(3),
  stride: z.int().min(1).default(1),
  /** As of conv2d. */
  padding: z.union([z.enum(['same', 'valid']), z.int().min(0)]).default('valid'),
  bias: z.boolean().default(true),
  initializer: z.enum(initializerNames).default('heNormal'),
  name: z.string().optional(),
});
type Options = z.output<typeof locallyConnected2dOptions>;

export function locallyConnected2d(options: z.input<typeof locallyConnected2dOptions>): Layer {
  const parsed = parseOptions('locallyConnected2d', locallyConnected2dOptions, options);
  const { filters, kernel, stride, bias, initializer } = parsed;
  return {
    config: { layer: 'locallyConnected2d', ...parsed },
    init(scope, input) {
      if (input.length !== 3) {
        throw new UsageError(expected('locallyConnected2d', 'images [H, W, C]', input));
      }
      const [height, width] = [sideOf(input[0], parsed).size, sideOf(input[1], parsed).size];
      if (Math.min(height, width) < 1) {
        throw new UsageError(
          expected('locallyConnected2d', `images of at least ${kernel} pixels a side, padded`, input),
        );
      }
      const shape = [kernel, kernel, input[2], height * width * filters];
      scope.param('kernel', 'kernel', shape, initializers[initializer]);
      if (bias) scope.param('bias', 'bias', [height, width, filters], constant(0));
      return [height, width, filters];
    },
    apply(scope, x) {
      const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
      const [down, across] = [sideOf(rows, parsed), sideOf(columns, parsed)];
      const places = down.size * across.size;
      const numbers = kernel * kernel * channels;
      const images = tf.pad(x, [
        [0, 0],
        [down.before, down.after],
        [across.before, across.after],
        [0, 0],
      ]);
      const span = [batch, (down.size - 1) * stride + 1, (across.size - 1) * stride + 1, channels];
      const pieces = Array.from({ length: kernel * kernel }, (_, at) => {
        const piece = tf.slice(images, [0, Math.floor(at / kernel), at % kernel, 0], span) as tf.Tensor4D;
        // A pool with a window of one pixel picks every stride-th, and has a gradient on every backend.
        return stride === 1 ? piece : tf.avgPool(piece, 1, stride, 'valid');
      });
      const patches = tf.concat(pieces, 3).reshape([batch, places, numbers]);
      const weights = scope.param('kernel').reshape([numbers, places, filters]);
      const y = tf.matMul(tf.transpose(patches, [1, 0, 2]), tf.transpose(weights, [1, 0, 2])); // [P, B, filters]
      const image = tf.transpose(y, [1, 0, 2]).reshape([batch, down.size, across.size, filters]);
      return bias ? tf.add(image, scope.param('bias')) : image;
    },
  };
}

/** Places along one side of the image, and the padding on both its ends: TensorFlow's for 'same'. */
function sideOf(side: number, { kernel, stride, padding }: Options) {
  if (padding === 'same') {
    const size = Math.ceil(side / stride);
    const missing = Math.max(0, (size - 1) * stride + kernel - side);
    return { size, before: Math.floor(missing / 2), after: Math.ceil(missing / 2) };
  }
  const pad = padding === 'valid' ? 0 : padding;
  return { size: Math.floor((side + 2 * pad - kernel) / stride) + 1, before: pad, after: pad };
}
