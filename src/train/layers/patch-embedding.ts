import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const patchEmbeddingOptions = z.strictObject({
  /** Numbers in a token. */
  width: z.int().min(1),
  /** Side p of the patches, in pixels; it divides the sides of the image. Default 4. */
  patch: z.int().min(1).default(4),
  /** First values of the kernel; the bias starts at 0. Default 'lecunNormal'. */
  initializer: z.enum(initializerNames).default('lecunNormal'),
  ...named,
});

/**
 * An image as tokens (Dosovitskiy et al., 2021): each patch of p×p pixels, without overlap, times one kernel
 * [p, p, C, width], plus a bias. [B, H, W, C] → [B, (H/p)·(W/p), width], row by row.
 *
 * @param width Numbers in a token, ≥ 1.
 * @throws UsageError if the input is not [H, W, C] with sides that are multiples of the patch.
 * @example
 * patchEmbedding(128, { patch: 4 }).config.patch // → 4
 */
export function patchEmbedding(
  width: number,
  options: Omit<z.input<typeof patchEmbeddingOptions>, 'width'> = {},
): Layer {
  const parsed = parseOptions(
    'patchEmbedding',
    patchEmbeddingOptions,
    positional('patchEmbedding', { width }, options),
  );
  const { patch, initializer } = parsed;
  return {
    config: { layer: 'patchEmbedding', ...parsed },
    init(scope, input) {
      if (input.length !== 3 || input[0] % patch !== 0 || input[1] % patch !== 0) {
        throw new UsageError(
          expected(
            'patchEmbedding',
            `images whose sides are multiples of ${patch}`,
            input,
            'resize or pad them, or use another patch',
          ),
        );
      }
      scope.param('kernel', 'kernel', [patch, patch, input[2], width], initializers[initializer]);
      scope.param('bias', 'bias', [width], constant(0));
      return [(input[0] / patch) * (input[1] / patch), width];
    },
    apply(scope, x) {
      const kernel = scope.param('kernel') as tf.Tensor4D;
      const y = tf.conv2d(x as tf.Tensor4D, kernel, patch, 'valid'); // [B, H/p, W/p, width]
      return tf.add(y.reshape([x.shape[0], -1, width]), scope.param('bias'));
    },
  };
}
