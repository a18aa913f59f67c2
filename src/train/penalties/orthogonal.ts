/**
 * Orthogonality, λ·‖WᵀW − I‖²_F (Brock et al., 2017; Bansal et al., 2018), W being [inputs, units], so that units
 * differ and have norm 1; gradient 4λ·W(WᵀW − I). Where there are more units than inputs, which cannot all be
 * orthogonal, it is λ·‖WWᵀ − I‖²_F.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { asMatrix, lambdaSchema, onSchema, type Penalty } from './penalty.js';

export const orthogonalOptions = z.strictObject({ lambda: lambdaSchema, on: onSchema });

export function orthogonal(
  lambda: number,
  options: Omit<z.input<typeof orthogonalOptions>, 'lambda'> = {},
): Penalty {
  const parsed = parseOptions('orthogonal', orthogonalOptions, { lambda, ...options });
  /** The Gram matrix of the shorter side less the identity. */
  const excess = (m: tf.Tensor2D) => {
    const isTall = m.shape[0] >= m.shape[1];
    const gram = tf.matMul(m, m, isTall, !isTall);
    return { isTall, off: tf.sub(gram, tf.eye(gram.shape[0])) };
  };
  return {
    config: { penalty: 'orthogonal', ...parsed },
    value: (w) => tf.mul(tf.sum(tf.square(excess(asMatrix(w)).off)), lambda),
    gradient(w) {
      const m = asMatrix(w);
      const { isTall, off } = excess(m);
      return tf.mul(isTall ? tf.matMul(m, off) : tf.matMul(off, m), 4 * lambda).reshape(w.shape);
    },
  };
}
