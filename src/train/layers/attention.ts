/**
 * Multi-head self-attention (Vaswani et al., 2017), [B, T, D] → [B, T, D]: queries, keys and values are one
 * product with W [D, 3D]; softmax(QKᵀ/√d) of each head, dropped out after the softmax (inverted, rate
 * `dropout`), times V; heads joined, times W' [D, D]. Both products have a bias.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError, valueAt } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { keepMask, rateSchema } from './masks.js';

export const attentionOptions = z.strictObject({
  heads: z.int().min(1).default(4),
  /** Probability of dropping an attention weight; a number or a schedule. */
  dropout: rateSchema.default(0),
  name: z.string().optional(),
});

export function attention(options: z.input<typeof attentionOptions> = {}): Layer {
  const parsed = parseOptions('attention', attentionOptions, options);
  const { heads } = parsed;
  return {
    config: { layer: 'attention', ...parsed },
    init(scope, input) {
      if (input.length !== 2 || input[1] % heads !== 0) {
        throw new UsageError(
          expected('attention', `tokens [T, D] with D a multiple of ${heads} heads`, input),
        );
      }
      const width = input[1];
      scope.param('qkv', 'kernel', [width, 3 * width], initializers.lecunNormal);
      scope.param('qkvBias', 'bias', [3 * width], constant(0));
      scope.param('out', 'kernel', [width, width], initializers.lecunNormal);
      scope.param('outBias', 'bias', [width], constant(0));
      return input;
    },
    apply(scope, x) {
      const rate = valueAt(parsed.dropout, scope.progress);
      const [batch, tokens, width] = x.shape as [number, number, number];
      const affine = (y: tf.Tensor, kernel: string) =>
        tf.add(
          tf.matMul(y.reshape([batch * tokens, width]), scope.param(kernel)),
          scope.param(`${kernel}Bias`),
        );
      const joined = affine(x, 'qkv').reshape([batch, tokens, 3, heads, width / heads]);
      const [q, k, v] = tf.unstack(tf.transpose(joined, [2, 0, 3, 1, 4])); // each [B, heads, T, d]
      const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)); // [B, heads, T, T]
      let weights: tf.Tensor = tf.softmax(scores);
      if (scope.noisy && rate > 0) {
        weights = tf.mul(weights, tf.div(keepMask(scope, weights.shape, rate), 1 - rate));
      }
      const mixed = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]); // [B, T, heads, d]
      return affine(mixed, 'out').reshape([batch, tokens, width]);
    },
  };
}
