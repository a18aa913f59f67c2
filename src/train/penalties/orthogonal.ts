import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { asMatrix, lambdaSchema, type Penalty, targeted } from './penalty.js';

export const orthogonalOptions = z.strictObject({
  /** λ ≥ 0. */
  lambda: lambdaSchema,
  ...targeted,
});

/**
 * Orthogonality penalty, λ·‖WᵀW − I‖²_F (Brock et al., 2017; Bansal et al., 2018), with W as [inputs, units], which makes
 * units different from each other and of norm 1; gradient 4λ·W(WᵀW − I). If there are more units than inputs, which
 * cannot all be orthogonal, it is λ·‖WWᵀ − I‖²_F. The penalty acts on all kernels, or on those that the option `params` names, and spares biases and normalization.
 *
 * @param lambda λ ≥ 0.
 * @throws UsageError if λ is negative; when training starts, if the pattern matches no kernel.
 * @example
 * orthogonal(1e-4).config // → { penalty: 'orthogonal', lambda: 0.0001 }
 */
export function orthogonal(
  lambda: number,
  options: Omit<z.input<typeof orthogonalOptions>, 'lambda'> = {},
): Penalty {
  const parsed = parseOptions('orthogonal', orthogonalOptions, positional('orthogonal', { lambda }, options));
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
