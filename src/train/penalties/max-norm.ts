/**
 * Max-norm (Srebro et al., 2005; Srivastava et al., 2014): after the step, the incoming weights of each unit or
 * filter are scaled down to the norm `limit` where they exceed it.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { asMatrix, onSchema, type Penalty } from './penalty.js';

export const maxNormOptions = z.strictObject({ limit: z.number().positive(), on: onSchema });

export function maxNorm(limit: number, options: Omit<z.input<typeof maxNormOptions>, 'limit'> = {}): Penalty {
  const parsed = parseOptions('maxNorm', maxNormOptions, { limit, ...options });
  return {
    config: { penalty: 'maxNorm', ...parsed },
    project(w) {
      const norms = tf.sqrt(tf.sum(tf.square(asMatrix(w)), 0)); // [units]
      return tf.mul(w, tf.minimum(tf.div(limit, tf.maximum(norms, 1e-7)), 1));
    },
  };
}
