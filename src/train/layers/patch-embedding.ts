/**
 * An image as tokens (Dosovitskiy et al., 2021): each patch of p×p pixels, which do not overlap, times one
 * kernel [p, p, C, width], and a bias. [B, H, W, C] → [B, (H/p)·(W/p), width], row by row.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';

export const patchEmbeddingOptions = z.strictObject({
  /** Side of the patches; the image's sides are multiples of it. */
  patch: z.int().min(1).default(4),
  /** Numbers in a token. */
  width: z.int().min(1),
  initializer: z.enum(initializerNames).default('lecunNormal'),
  name: z.string().optional(),
});

export function patchEmbedding(options: z.input<typeof patchEmbeddingOptions>): Layer {
  const parsed = parseOptions('patchEmbedding', patchEmbeddingOptions, options);
  const { patch, width, initializer } = parsed;
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
