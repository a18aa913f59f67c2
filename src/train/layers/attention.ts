import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { invertedMask, rateSchema } from './masks.js';
import { named } from './named.js';

export const attentionOptions = z.strictObject({
  /** Number of heads. Default 4. */
  heads: z.int().min(1).default(4),
  /** Probability of dropping an attention weight, in 0..0.999: a number or a schedule. Default 0. */
  dropout: rateSchema.default(0),
  ...named,
});

/**
 * Multi-head self-attention (Vaswani et al., "Attention is all you need", 2017): [B, T, D] → [B, T, D]. Queries, keys
 * and values are one product with W [D, 3D]; each head computes softmax(QKᵀ/√d)·V with d = D/heads; the heads are
 * concatenated and multiplied by W' [D, D]. Both products have a bias. In training, attention weights are dropped
 * after the softmax (inverted dropout); inference drops none.
 *
 * @param heads Number of heads, which divides D. Default 4.
 * @throws UsageError if the input is not [T, D], or D is not a multiple of `heads`.
 * @example
 * attention(4, { dropout: 0.1 }).config // → { layer: 'attention', heads: 4, dropout: 0.1 }
 */
export function attention(
  heads?: number,
  options: Omit<z.input<typeof attentionOptions>, 'heads'> = {},
): Layer {
  const parsed = parseOptions('attention', attentionOptions, positional('attention', { heads }, options));
  return {
    config: { layer: 'attention', ...parsed },
    init(scope, input) {
      if (input.length !== 2 || input[1] % parsed.heads !== 0) {
        throw new UsageError(
          expected('attention', `tokens [T, D] with D a multiple of ${parsed.heads} heads`, input),
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
      const [batch, tokens, width] = x.shape as [number, number, number];
      const affine = (y: tf.Tensor, kernel: string) =>
        tf.add(
          tf.matMul(y.reshape([batch * tokens, width]), scope.param(kernel)),
          scope.param(`${kernel}Bias`),
        );
      const joined = affine(x, 'qkv').reshape([batch, tokens, 3, parsed.heads, width / parsed.heads]);
      const [q, k, v] = tf.unstack(tf.transpose(joined, [2, 0, 3, 1, 4])); // each [B, heads, T, d]
      const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / parsed.heads)); // [B, heads, T, T]
      let weights: tf.Tensor = tf.softmax(scores);
      if (scope.noisy && parsed.dropout !== 0) {
        weights = tf.mul(weights, invertedMask(scope, weights.shape, parsed.dropout));
      }
      const mixed = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]); // [B, T, heads, d]
      return affine(mixed, 'out').reshape([batch, tokens, width]);
    },
  };
}
