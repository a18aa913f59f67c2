import { z } from 'zod';
import { expected, parseOptions, RxaugError } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import { frozenBatchNorm, batchNorm as normalize } from '../ops/batch-norm.js';
import { constant } from './initializers.js';
import type { Layer, Scope } from './layer.js';
import { named } from './named.js';

export const batchNormOptions = z.strictObject({
  /** Weight of a batch in the running statistics, as in PyTorch; Keras calls 0.1 "0.9". In 0..1, default 0.1. */
  momentum: z.number().min(0).max(1).default(0.1),
  /** ε, added to the variance. Default 1e-5. */
  epsilon: z.number().positive().default(1e-5),
  ...named,
});

/**
 * Batch normalization (Ioffe and Szegedy, 2015) over all axes but the last, any shape of two axes or more:
 * y = scale · (x − μ)/√(σ² + ε) + shift. Training uses the mean and the biased variance of the batch, and moves
 * running statistics, r ← (1 − momentum)·r + momentum·batch (the unbiased variance); inference uses those.
 *
 * @throws RxaugError in training if a channel has only one value, as with one sample of a dense layer's output: it
 * would always be normalized to 0.
 * @example
 * batchNorm({ momentum: 0.01 }).config // → { layer: 'batchNorm', momentum: 0.01, epsilon: 0.00001 }
 */
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
      if (!scope.adapting) return frozenBatchNorm(inputs, parsed.epsilon);
      checkValues(scope, 'batchNorm', x, USE_LARGER_BATCHES);
      const { y, mean, variance } = normalize(inputs, parsed);
      scope.update('mean', mean);
      scope.update('variance', variance);
      return y;
    },
  };
}

const USE_LARGER_BATCHES =
  'use larger batches, and batch(n, { dropLast: true }) where only the last batch is that small';

/** A single value has variance 0 and normalizes to 0 whatever it is, so nothing could be learned from it. */
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
