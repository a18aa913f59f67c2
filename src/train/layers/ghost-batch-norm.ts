/**
 * Ghost batch normalization (Hoffer, Hubara and Soudry, 2017): batch norm whose statistics are those of parts of
 * the batch, `size` samples each, so that their noise is that of a small batch. A batch that `size` does not
 * divide is cut into ⌊B/size⌋ parts of nearly equal sizes. Running statistics move once a step, to the mean
 * over the parts of where batch norm would have moved them.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { batchNorm as normalize } from '../ops/batch-norm.js';
import { batchNorm, batchNormOptions, checkValues } from './batch-norm.js';
import type { Layer } from './layer.js';

export const ghostBatchNormOptions = batchNormOptions.extend({
  /** Samples in a part. */
  size: z.int().min(1).default(32),
});

export function ghostBatchNorm(options: z.input<typeof ghostBatchNormOptions> = {}): Layer {
  const parsed = parseOptions('ghostBatchNorm', ghostBatchNormOptions, options);
  const { size, ...plain } = parsed;
  const whole = batchNorm(plain);
  return {
    config: { layer: 'ghostBatchNorm', ...parsed },
    init: whole.init,
    apply(scope, x) {
      const parts = Math.max(1, Math.floor(x.shape[0] / size));
      if (!scope.training || parts === 1) return whole.apply(scope, x);
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

/** n as so many whole numbers, none more than one larger than another. */
function sizesOf(n: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * n) / parts) - Math.floor((i * n) / parts),
  );
}
