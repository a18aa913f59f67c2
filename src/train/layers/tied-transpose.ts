/**
 * A dense layer whose kernel is the transpose of an earlier layer's: y = x·Wᵀ + b. With W [D, units] of an
 * encoder's dense layer it is the decoder of a tied autoencoder, [B, units] → [B, D] (Vincent et al., 2010); with
 * the table [vocabulary, D] of an embedding it gives the logits of words, [B, T, D] → [B, T, vocabulary] (Press
 * and Wolf, 2017). W exists once, and its gradient is the sum over both places; b is this layer's own.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { rowsTimes } from './dense.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';

export const tiedTransposeOptions = z.strictObject({
  /** Whole path of an earlier dense or embedding layer: 'encoder/dense1'. */
  to: z.string().min(1),
  bias: z.boolean().default(true),
  name: z.string().optional(),
});

export function tiedTranspose(options: z.input<typeof tiedTransposeOptions>): Layer {
  const parsed = parseOptions('tiedTranspose', tiedTransposeOptions, options);
  const { to, bias } = parsed;
  return {
    config: { layer: 'tiedTranspose', ...parsed },
    init(scope, input) {
      const kernel = scope.borrowing(to).declared('kernel');
      if (kernel?.shape.length !== 2) {
        throw new UsageError(
          expected(
            'tiedTranspose',
            `a matrix as '${to}/kernel'`,
            kernel?.shape ?? 'nothing',
            'give the whole path of an earlier dense() or embedding()',
          ),
        );
      }
      const [units, inputs] = kernel.shape;
      if (input[input.length - 1] !== inputs) {
        throw new UsageError(expected('tiedTranspose', `input of ${inputs} numbers`, input));
      }
      if (bias) scope.param('bias', 'bias', [units], constant(0));
      return [...input.slice(0, -1), units];
    },
    apply(scope, x) {
      const y = rowsTimes(x, scope.borrowing(to).param('kernel'), true);
      return bias ? tf.add(y, scope.param('bias')) : y;
    },
  };
}
