import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const classAffineOptions = z.strictObject({
  /** K, the number of classes. */
  classes: z.int().min(1),
  ...named,
});

/**
 * A scale and a shift for each class and channel: y = x·(1 + c·S) + c·T over the last axis of [B, …, C]. c [B, K] is
 * the class of each sample, one-hot or mixed; S and T are [K, C] and start at 0. After `batchNorm()` it makes a
 * conditional batch norm (de Vries et al., "Modulating early visual processing by language", 2017). The same in
 * training and inference.
 *
 * @param classes K, the number of classes, ≥ 1.
 * @throws RxaugError when it is applied without classes.
 * @example
 * classAffine(10).config // → { layer: 'classAffine', classes: 10 }
 */
export function classAffine(
  classes: number,
  options: Omit<z.input<typeof classAffineOptions>, 'classes'> = {},
): Layer {
  const parsed = parseOptions(
    'classAffine',
    classAffineOptions,
    positional('classAffine', { classes }, options),
  );
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
