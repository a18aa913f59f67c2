/**
 * The class as an input: [B, D] → [B, D + units], with c·E behind the features; c [B, K] is the pass's condition, a
 * distribution over the classes (one-hot, or mixed), and E [K, units] is learned.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { initializers } from './initializers.js';
import type { Layer } from './layer.js';

export const classEmbeddingOptions = z.strictObject({
  /** K */
  classes: z.int().min(1),
  units: z.int().min(1).default(32),
  name: z.string().optional(),
});

export function classEmbedding(options: z.input<typeof classEmbeddingOptions>): Layer {
  const parsed = parseOptions('classEmbedding', classEmbeddingOptions, options);
  const { classes, units } = parsed;
  return {
    config: { layer: 'classEmbedding', ...parsed },
    init(scope, input) {
      if (input.length !== 1) {
        throw new UsageError(
          expected('classEmbedding', 'input of one axis', input, 'put flatten() before it'),
        );
      }
      // One row is read at a time, so N(0, 1) whatever the number of classes.
      scope.param('kernel', 'kernel', [classes, units], initializers.lecunNormal, 1);
      return [input[0] + units];
    },
    apply: (scope, x) => tf.concat([x, tf.matMul(scope.condition, scope.param('kernel'))], 1),
  };
}
