import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { standardize } from '../ops/standardize.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const layerNormOptions = z.strictObject({
  /** ε, added to the variance. Default 1e-5. */
  epsilon: z.number().positive().default(1e-5),
  ...named,
});

/**
 * Layer normalization (Ba, Kiros and Hinton, 2016) over the last axis, any shape: y = scale · (x − μ)/√(σ² + ε) + shift
 * with the mean and the biased variance of the features at each position. The same in training and inference.
 *
 * @throws UsageError if the last axis has a single feature, which would always be normalized to 0.
 * @example
 * layerNorm({ epsilon: 1e-6 }).config // → { layer: 'layerNorm', epsilon: 0.000001 }
 */
export function layerNorm(options: z.input<typeof layerNormOptions> = {}): Layer {
  const parsed = parseOptions('layerNorm', layerNormOptions, options);
  return {
    config: { layer: 'layerNorm', ...parsed },
    init(scope, input) {
      const features = [input[input.length - 1]];
      if (features[0] < 2) {
        throw new UsageError(
          expected(
            'layerNorm',
            'at least 2 features to normalize over',
            input,
            'use groupNorm() or batchNorm()',
          ),
        );
      }
      scope.param('scale', 'scale', features, constant(1));
      scope.param('shift', 'shift', features, constant(0));
      return input;
    },
    apply(scope, x) {
      const y = standardize(x, [x.rank - 1], parsed.epsilon);
      return tf.add(tf.mul(y, scope.param('scale')), scope.param('shift'));
    },
  };
}
