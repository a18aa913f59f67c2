/** What each place of a sequence adds to its token, learned: [B, T, D] → the same, plus a table [T, D]. */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { gaussian } from './initializers.js';
import type { Layer } from './layer.js';

export const positionEmbeddingOptions = z.strictObject({ name: z.string().optional() });

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
