/**
 * Layer normalization (Ba, Kiros and Hinton, 2016) over the last axis: y = scale · (x − μ)/√(σ² + ε) + shift with
 * the mean and the biased variance of each position's own features. The same in training and inference. Refuses a last axis
 * of one feature, which would always be normalized to 0.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';

export const layerNormOptions = z.strictObject({
  epsilon: z.number().positive().default(1e-5),
  name: z.string().optional(),
});

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

/** (x − μ)/√(σ² + ε) over some axes. */
export function standardize(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centered = tf.sub(x, tf.mean(x, axes, true));
  return tf.mul(centered, tf.rsqrt(tf.add(tf.mean(tf.square(centered), axes, true), epsilon)));
}
