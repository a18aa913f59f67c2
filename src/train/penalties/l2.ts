import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { lambdaSchema, type Penalty, targeted } from './penalty.js';

export const l2Options = z.strictObject({
  /** λ ≥ 0. */
  lambda: lambdaSchema,
  ...targeted,
});

/**
 * L2 penalty, λ/2·‖w‖²₂; gradient λ·w (Hoerl and Kennard, 1970). It is the option `l2` of `train` for chosen layers. For
 * decay that momentum and Adam do not rescale, see the option `weightDecay` of `train`. The penalty acts on all kernels, or on those that the option `params` names, and spares biases and normalization.
 *
 * @param lambda λ ≥ 0.
 * @throws UsageError if λ is negative; when training starts, if the pattern matches no kernel.
 * @example
 * l2(5e-4, { params: 'head' }).config // → { penalty: 'l2', lambda: 0.0005, params: 'head' }
 */
export function l2(lambda: number, options: Omit<z.input<typeof l2Options>, 'lambda'> = {}): Penalty {
  const parsed = parseOptions('l2', l2Options, positional('l2', { lambda }, options));
  return {
    config: { penalty: 'l2', ...parsed },
    value: (w) => tf.mul(tf.sum(tf.square(w)), lambda / 2),
    gradient: (w) => tf.mul(w, lambda),
  };
}
