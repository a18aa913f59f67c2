import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const twoPathShortcutOptions = z.strictObject({
  /** Channels of the output, an even number. */
  filters: z.int().min(2).multipleOf(2),
  /** Pixels from one that is kept to the next. Default 2. */
  stride: z.int().min(1).default(2),
  /** First values of both kernels. Default 'heNormal'. */
  initializer: z.enum(initializerNames).default('heNormal'),
  ...named,
});

/**
 * The shortcut of shake-shake networks where the image is halved (Gastaldi, 2017): every stride-th pixel through one
 * 1×1 convolution, and the pixel diagonally after each of them, zero outside the image, through another; their channels
 * are concatenated. [B, H, W, C] → [B, ⌈H/stride⌉, ⌈W/stride⌉, filters].
 *
 * @param filters Channels of the output, an even number; half of them come from each path.
 * @throws UsageError if the input is not [H, W, C].
 * @example
 * twoPathShortcut(64).config.stride // → 2
 */
export function twoPathShortcut(
  filters: number,
  options: Omit<z.input<typeof twoPathShortcutOptions>, 'filters'> = {},
): Layer {
  const parsed = parseOptions(
    'twoPathShortcut',
    twoPathShortcutOptions,
    positional('twoPathShortcut', { filters }, options),
  );
  const { stride, initializer } = parsed;
  return {
    config: { layer: 'twoPathShortcut', ...parsed },
    init(scope, input) {
      if (input.length !== 3) throw new UsageError(expected('twoPathShortcut', 'images [H, W, C]', input));
      const shape = [1, 1, input[2], filters / 2];
      scope.param('kernel', 'kernel', shape, initializers[initializer]);
      scope.param('shiftedKernel', 'kernel', shape, initializers[initializer]);
      return [Math.ceil(input[0] / stride), Math.ceil(input[1] / stride), filters];
    },
    apply(scope, x) {
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const behind = tf.pad(x, [
        [0, 0],
        [0, 1],
        [0, 1],
        [0, 0],
      ]);
      const shifted = tf.slice(behind, [0, 1, 1, 0], [batch, height, width, channels]);
      const path = (images: tf.Tensor, kernel: string) => {
        // A pool with a window of one pixel picks every stride-th, and has a gradient on every backend.
        const picked = tf.avgPool(images as tf.Tensor4D, 1, stride, 'valid');
        return tf.conv2d(picked, scope.param(kernel) as tf.Tensor4D, 1, 'valid');
      };
      return tf.concat([path(x, 'kernel'), path(shifted, 'shiftedKernel')], 3);
    },
  };
}
