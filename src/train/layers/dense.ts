import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const denseOptions = z.strictObject({
  /** Numbers in the output. */
  units: z.int().min(1),
  /** Whether a bias is added. Default true. */
  bias: z.boolean().default(true),
  /** First values of the kernel; biases start at 0. Default 'heNormal'. */
  initializer: z.enum(initializerNames).default('heNormal'),
  ...named,
});

/**
 * Fully connected layer: y = x·W + b. [B, D] → [B, units]; of tokens each alone, [B, T, D] → [B, T, units]. W is
 * [D, units]. The same in training and inference.
 *
 * @param units Numbers in the output, ≥ 1.
 * @throws UsageError if the input has more than two axes: put flatten() or globalPool() before it.
 * @example
 * dense(10).config // → { layer: 'dense', units: 10, bias: true, initializer: 'heNormal' }
 */
export function dense(units: number, options: Omit<z.input<typeof denseOptions>, 'units'> = {}): Layer {
  const parsed = parseOptions('dense', denseOptions, positional('dense', { units }, options));
  const { bias, initializer } = parsed;
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
