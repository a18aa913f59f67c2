/**
 * Batch normalization over all axes but the last: see ops/batch-norm.ts for the formula. Training uses
 * the batch's statistics, and moves the running ones that inference uses.
 */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { frozenBatchNorm, batchNorm as normalize } from '../ops/batch-norm.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';

export const batchNormOptions = z.strictObject({
  /** How far a step moves the running statistics, PyTorch's convention; Keras calls 0.1 "0.9". */
  momentum: z.number().min(0).max(1).default(0.1),
  epsilon: z.number().positive().default(1e-5),
  name: z.string().optional(),
});

export function batchNorm(options: z.input<typeof batchNormOptions> = {}): Layer {
  const parsed = parseOptions('batchNorm', batchNormOptions, options);
  return {
    config: { layer: 'batchNorm', ...parsed },
    init(scope, input) {
      const channels = [input[input.length - 1]];
      scope.param('scale', 'scale', channels, constant(1));
      scope.param('shift', 'shift', channels, constant(0));
      scope.stat('mean', channels, 0);
      scope.stat('variance', channels, 1);
      return input;
    },
    apply(scope, x) {
      const inputs = {
        x,
        scale: scope.param('scale'),
        shift: scope.param('shift'),
        mean: scope.stat('mean'),
        variance: scope.stat('variance'),
      };
      if (!scope.training) return frozenBatchNorm(inputs, parsed.epsilon);
      const { y, mean, variance } = normalize(inputs, parsed);
      scope.update('mean', mean);
      scope.update('variance', variance);
      return y;
    },
  };
}
