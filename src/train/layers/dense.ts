/** Fully connected: y = x·W + b. [B, D] → [B, units], and of tokens each: [B, T, D] → [B, T, units]; W is [D, units]. */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';

export const denseOptions = z.strictObject({
  units: z.int().min(1),
  bias: z.boolean().default(true),
  /** Of the kernel; biases begin at 0. */
  initializer: z.enum(initializerNames).default('heNormal'),
  name: z.string().optional(),
});

export function dense(options: z.input<typeof denseOptions>): Layer {
  const parsed = parseOptions('dense', denseOptions, options);
  const { units, bias, initializer } = parsed;
  return {
    config: { layer: 'dense', ...parsed },
    init(scope, input) {
      if (input.length !== 1 && input.length !== 2) {
        throw new UsageError(
          expected('dense', 'input of one axis', input, 'put flatten() or globalPool() before it'),
        );
      }
      const inputs = input[input.length - 1];
      scope.param('kernel', 'kernel', [inputs, units], initializers[initializer]);
      if (bias) scope.param('bias', 'bias', [units], constant(0));
      return [...input.slice(0, -1), units];
    },
    apply(scope, x) {
      const y = rowsTimes(x, scope.param('kernel')); // [B, units] or [B, T, units]
      return bias ? tf.add(y, scope.param('bias')) : y;
    },
  };
}

/** [B, …, D] times a matrix, whose other side is `units` wide: one product, whatever the number of axes. */
export function rowsTimes(x: tf.Tensor, matrix: tf.Tensor, transpose = false): tf.Tensor {
  if (x.rank === 2) return tf.matMul(x, matrix, false, transpose);
  const width = x.shape[x.rank - 1] as number;
  const y = tf.matMul(x.reshape([-1, width]), matrix, false, transpose);
  return y.reshape([...x.shape.slice(0, -1), matrix.shape[transpose ? 0 : 1] as number]);
}
