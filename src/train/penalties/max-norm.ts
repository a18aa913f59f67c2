import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { asMatrix, type Penalty, targeted } from './penalty.js';

export const maxNormOptions = z.strictObject({
  /** Largest norm, > 0. */
  limit: z.number().positive(),
  ...targeted,
});

/**
 * Max-norm constraint (Srebro et al., 2005; Srivastava et al., 2014): after each step, the incoming weights of each unit or
 * filter are scaled down to the norm `limit` if they exceed it. The constraint acts on all kernels, or on those that the option `params` names, and spares biases and normalization.
 *
 * @param limit Largest norm of the weights of one output, > 0.
 * @throws UsageError if the limit is not positive; when training starts, if the pattern matches no kernel.
 * @example
 * maxNorm(3).config // → { penalty: 'maxNorm', limit: 3 }
 */
export function maxNorm(limit: number, options: Omit<z.input<typeof maxNormOptions>, 'limit'> = {}): Penalty {
  const parsed = parseOptions('maxNorm', maxNormOptions, positional('maxNorm', { limit }, options));
  return {
    config: { penalty: 'maxNorm', ...parsed },
    project(w) {
      const norms = tf.sqrt(tf.sum(tf.square(asMatrix(w)), 0)); // [units]
      return tf.mul(w, tf.minimum(tf.div(limit, tf.maximum(norms, 1e-7)), 1));
    },
  };
}
