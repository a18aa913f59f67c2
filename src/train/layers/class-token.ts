import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { gaussian } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const classTokenOptions = z.strictObject({
  ...named,
});

/**
 * Puts a learned token before all others (Dosovitskiy et al., 2021), from which the head of a transformer reads the
 * class: [B, T, D] → [B, T + 1, D]. It starts as N(0, 0.02²), and weight decay and penalties spare it.
 *
 * @throws UsageError if the input is not [T, D].
 * @example
 * classToken({ name: 'class' }).config // → { layer: 'classToken', name: 'class' }
 */
export function classToken(options: z.input<typeof classTokenOptions> = {}): Layer {
  const parsed = parseOptions('classToken', classTokenOptions, options);
  return {
    config: { layer: 'classToken', ...parsed },
    init(scope, input) {
      if (input.length !== 2) throw new UsageError(expected('classToken', 'tokens [T, D]', input));
      // Not a kernel: decay and penalties leave it alone.
      scope.param('token', 'shift', [1, input[1]], gaussian(0.02));
      return [input[0] + 1, input[1]];
    },
    apply(scope, x) {
      const [batch, , width] = x.shape as [number, number, number];
      // Not tf.tile, whose gradient has an operation for each copy.
      const token = tf.add(tf.zeros([batch, 1, width]), scope.param('token'));
      return tf.concat([token, x], 1);
    },
  };
}
