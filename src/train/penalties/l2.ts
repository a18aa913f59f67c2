/**
 * L2, λ/2·‖w‖²₂; gradient λ·w (Hoerl and Kennard, 1970). The trainer's `l2` where a pattern chooses the layers.
 * For decay that Adam and momentum leave alone, see the trainer's `weightDecay`.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { lambdaSchema, onSchema, type Penalty } from './penalty.js';

export const l2Options = z.strictObject({ lambda: lambdaSchema, on: onSchema });

export function l2(lambda: number, options: Omit<z.input<typeof l2Options>, 'lambda'> = {}): Penalty {
  const parsed = parseOptions('l2', l2Options, { lambda, ...options });
  return {
    config: { penalty: 'l2', ...parsed },
    value: (w) => tf.mul(tf.sum(tf.square(w)), lambda / 2),
    gradient: (w) => tf.mul(w, lambda),
  };
}
