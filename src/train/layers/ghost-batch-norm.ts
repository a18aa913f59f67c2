import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { batchNorm as normalize } from '../ops/batch-norm.js';
import { batchNorm, batchNormOptions, checkValues } from './batch-norm.js';
import type { Layer } from './layer.js';

export const ghostBatchNormOptions = batchNormOptions.extend({
  /** Samples in a part. Default 32. */
  size: z.int().min(1).default(32),
});

/**
 * Ghost batch normalization (Hoffer, Hubara and Soudry, 2017): batch norm with the statistics of parts of the batch,
 * `size` samples each, which have the noise of a small batch. A batch that `size` does not divide is cut into
 * ⌊B/size⌋ parts of nearly equal sizes. Each step moves the running statistics to the mean, over the parts, of where
 * `batchNorm` would have moved them. Inference is that of `batchNorm`.
 *
 * @param size Samples in a part, ≥ 1. Default 32.
 * @throws RxaugError in training if a channel of a part has only one value.
 * @example
 * ghostBatchNorm(16, { momentum: 0.05 }).config.size // → 16
 */
export function ghostBatchNorm(
  size?: number,
  options: Omit<z.input<typeof ghostBatchNormOptions>, 'size'> = {},
): Layer {
  const parsed = parseOptions(
    'ghostBatchNorm',
    ghostBatchNormOptions,
    positional('ghostBatchNorm', { size }, options),
  );
  const { size: most, ...plain } = parsed;
  const whole = batchNorm(plain);
  return {
    config: { layer: 'ghostBatchNorm', ...parsed },
    init: whole.init,
    apply(scope, x) {
      const parts = Math.max(1, Math.floor(x.shape[0] / most));
      if (!scope.adapting || parts === 1) return whole.apply(scope, x);
      const rest = {
        scale: scope.param('scale'),
        shift: scope.param('shift'),
        mean: scope.stat('mean'),
        variance: scope.stat('variance'),
      };
      const done = tf.split(x, sizesOf(x.shape[0], parts)).map((part) => {
        checkValues(scope, 'ghostBatchNorm', part, 'use a larger size');
        return normalize({ x: part, ...rest }, plain);
      });
      const meanOf = (tensors: tf.Tensor[]) => tf.div(tf.addN(tensors), parts);
      scope.update('mean', meanOf(done.map(({ mean }) => mean)));
      scope.update('variance', meanOf(done.map(({ variance }) => variance)));
      return tf.concat(done.map(({ y }) => y));
    },
  };
}

/** n as a sum of so many whole numbers that differ by at most 1. */
function sizesOf(n: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * n) / parts) - Math.floor((i * n) / parts),
  );
}
