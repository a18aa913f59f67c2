/**
 * A scale and a shift for each class and channel: y = x·(1 + c·S) + c·T, over the last axis of [B, …, C]; c [B, K] is
 * the pass's condition, S and T are [K, C] and begin at 0. After batchNorm() it makes a conditional batch norm
 * (de Vries et al., "Modulating early visual processing by language", 2017).
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';

export const classAffineOptions = z.strictObject({
  /** K */
  classes: z.int().min(1),
  name: z.string().optional(),
});

export function classAffine(options: z.input<typeof classAffineOptions>): Layer {
  const parsed = parseOptions('classAffine', classAffineOptions, options);
  const { classes } = parsed;
  return {
    config: { layer: 'classAffine', ...parsed },
    init(scope, input) {
      const channels = input[input.length - 1];
      scope.param('scale', 'scale', [classes, channels], constant(0));
      scope.param('shift', 'shift', [classes, channels], constant(0));
      return input;
    },
    apply(scope, x) {
      const of = (name: string) => {
        const row = tf.matMul(scope.condition, scope.param(name)); // [B, C]
        return row.reshape([row.shape[0], ...x.shape.slice(1, -1).map(() => 1), -1]);
      };
      return tf.add(tf.mul(x, tf.add(of('scale'), 1)), of('shift'));
    },
  };
}
