/**
 * Batch normalization over all axes but the last: see ops/batch-norm.ts for the formula. Training uses
 * the batch's statistics, and moves the running ones that inference uses; it refuses a batch with one value per
 * channel, such as one sample of a dense layer's output.
 */

import { z } from 'zod';
import { expected, parseOptions, RxaugError } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import { frozenBatchNorm, batchNorm as normalize } from '../ops/batch-norm.js';
import { constant } from './initializers.js';
import type { Layer, Scope } from './layer.js';

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
      checkValues(scope, 'batchNorm', x, USE_LARGER_BATCHES);
      const { y, mean, variance } = normalize(inputs, parsed);
      scope.update('mean', mean);
      scope.update('variance', variance);
      return y;
    },
  };
}

const USE_LARGER_BATCHES =
  'use larger batches, and batch(n, { dropLast: true }) where only the last one is that small';

/** One value has the variance 0, and normalizes to 0 whatever it was: nothing could be learned from it. */
export function checkValues(scope: Scope, layer: string, x: tf.Tensor, fix: string): void {
  const { shape, size, rank } = x;
  if (size > shape[rank - 1]) return;
  throw new RxaugError(
    expected(
      scope.path.slice(0, -1) || layer,
      `at least 2 values per channel for ${layer} in training`,
      shape,
      fix,
    ),
  );
}
