/** Elastic net (Zou and Hastie, 2005): λ₁‖w‖₁ + λ₂‖w‖²₂; gradient λ₁·sign(w) + 2λ₂·w. There is no half in it. */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { lambdaSchema, onSchema, type Penalty } from './penalty.js';

export const elasticNetOptions = z.strictObject({ l1: lambdaSchema, l2: lambdaSchema, on: onSchema });

export function elasticNet(options: z.input<typeof elasticNetOptions>): Penalty {
  const parsed = parseOptions('elasticNet', elasticNetOptions, options);
  return {
    config: { penalty: 'elasticNet', ...parsed },
    value: (w) =>
      tf.add(tf.mul(tf.sum(tf.abs(w)), parsed.l1), tf.mul(tf.sum(tf.square(w)), parsed.l2)) as tf.Scalar,
    gradient: (w) => tf.add(tf.mul(tf.sign(w), parsed.l1), tf.mul(w, 2 * parsed.l2)),
  };
}
