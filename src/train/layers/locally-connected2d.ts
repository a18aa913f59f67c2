import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const locallyConnected2dOptions = z.strictObject({
  /** Channels of the output. */
  filters: z.int().min(1),
  /** Side k of the kernels, in pixels. Default 3. */
  kernel: z.int().min(1).default(3),
  /** Pixels from one position to the next. Default 1. */
  stride: z.int().min(1).default(1),
  /** As in conv2d. Default 'valid'. */
  padding: z.union([z.enum(['same', 'valid']), z.int().min(0)]).default('valid'),
  /** Whether a bias is added. Default true. */
  bias: z.boolean().default(true),
  /** First values of the kernel; biases start at 0. Default 'heNormal'. */
  initializer: z.enum(initializerNames).default('heNormal'),
  ...named,
});
type Options = z.output<typeof locallyConnected2dOptions>;

/**
 * Convolution without shared weights (LeCun, 1989): each position of the output has a kernel of its own.
 * [B, H, W, C] → [B, H', W', filters], with P = H'·W' positions and the sides of `conv2d`. The kernel is
 * [k, k, C, P·filters], position by position, and has one entry of its last axis for each output, so penalties see the
 * weights of one output together. The bias is [H', W', filters]. With one kernel repeated at every position it is
 * `conv2d`, which has P times fewer weights.
 *
 * @param filters Channels of the output, ≥ 1.
 * @throws UsageError if the input is not [H, W, C] or is smaller than the kernel.
 * @example
 * locallyConnected2d(16, { stride: 2 }).config.padding // → 'valid'
 */
export function locallyConnected2d(
  filters: number,
  options: Omit<z.input<typeof locallyConnected2dOptions>, 'filters'> = {},
): Layer {
  const parsed = parseOptions(
    'locallyConnected2d',
    locallyConnected2dOptions,
    positional('locallyConnected2d', { filters }, options),
  );
  const { kernel, stride, bias, initializer } = parsed;
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
