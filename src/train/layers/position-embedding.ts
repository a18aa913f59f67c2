import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { gaussian } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const positionEmbeddingOptions = z.strictObject({
  ...named,
});

/**
 * Adds a learned vector to the token at each position (Dosovitskiy et al., 2021): [B, T, D] → the same, plus a table
 * [T, D], which starts as N(0, 0.02²). Weight decay and penalties spare it.
 *
 * @throws UsageError if the input is not [T, D].
 * @example
 * positionEmbedding().config // → { layer: 'positionEmbedding' }
 */
export function positionEmbedding(options: z.input<typeof positionEmbeddingOptions> = {}): Layer {
  const parsed = parseOptions('positionEmbedding', positionEmbeddingOptions, options);
  return {
    config: { layer: 'positionEmbedding', ...parsed },
    init(scope, input) {
      if (input.length !== 2) throw new UsageError(expected('positionEmbedding', 'tokens [T, D]', input));
      // Not a kernel: decay and penalties leave it alone.
      scope.param('table', 'shift', input, gaussian(0.02));
      return input;
    },
    apply: (scope, x) => tf.add(x, scope.param('table')),
  };
}
