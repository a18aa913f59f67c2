import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const tokenPoolOptions = z.strictObject({
  /** Default 'mean'. */
  mode: z.enum(['first', 'mean']).default('mean'),
  ...named,
});

/**
 * One vector from all tokens, [B, T, D] → [B, D]: their mean, or the first, which is where `classToken` puts its own.
 *
 * @throws UsageError if the input is not [T, D].
 * @example
 * tokenPool({ mode: 'first' }).config // → { layer: 'tokenPool', mode: 'first' }
 */
export function tokenPool(options: z.input<typeof tokenPoolOptions> = {}): Layer {
  const parsed = parseOptions('tokenPool', tokenPoolOptions, options);
  return {
    config: { layer: 'tokenPool', ...parsed },
    init(_, input) {
      if (input.length !== 2) throw new UsageError(expected('tokenPool', 'tokens [T, D]', input));
      return [input[1]];
    },
    apply(_, x) {
      if (parsed.mode === 'mean') return tf.mean(x, 1);
      const [batch, , width] = x.shape as [number, number, number];
      return tf.slice(x, [0, 0, 0], [batch, 1, width]).reshape([batch, width]);
    },
  };
}
