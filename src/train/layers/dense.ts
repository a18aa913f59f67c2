/** Fully connected: y = x·W + b. [B, D] → [B, units]; W is [D, units]. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
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
      if (input.length !== 1) {
        throw new UsageError(
          expected('dense', 'input of one axis', input, 'put flatten() or globalPool() before it'),
        );
      }
      scope.param('kernel', 'kernel', [input[0], units], initializers[initializer]);
      if (bias) scope.param('bias', 'bias', [units], constant(0));
      return [units];
    },
    apply(scope, x) {
      const y = tf.matMul(x, scope.param('kernel')); // [B, units]
      return bias ? tf.add(y, scope.param('bias')) : y;
    },
  };
}
