import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const classEmbeddingOptions = z.strictObject({
  /** K, the number of classes. */
  classes: z.int().min(1),
  /** Numbers for each class. Default 32. */
  units: z.int().min(1).default(32),
  ...named,
});

/**
 * The class as an input of a network: [B, D] → [B, D + units], with c·E after the features. c [B, K] is the class of
 * each sample, one-hot or mixed; E [K, units] is learned and starts as N(0, 1). The same in training and inference.
 *
 * @param classes K, the number of classes, ≥ 1.
 * @throws UsageError if the input has more than one axis.
 * @throws RxaugError when it is applied without classes.
 * @example
 * classEmbedding(10, { units: 16 }).config // → { layer: 'classEmbedding', classes: 10, units: 16 }
 */
export function classEmbedding(
  classes: number,
  options: Omit<z.input<typeof classEmbeddingOptions>, 'classes'> = {},
): Layer {
  const parsed = parseOptions(
    'classEmbedding',
    classEmbeddingOptions,
    positional('classEmbedding', { classes }, options),
  );
  const { units } = parsed;
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
