import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { rowsTimes } from './dense.js';
import { constant } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const tiedTransposeOptions = z.strictObject({
  /** Full path of an earlier dense or embedding layer. */
  path: z.string().min(1),
  /** Whether a bias of its own is added. Default true. */
  bias: z.boolean().default(true),
  ...named,
});

/**
 * A dense layer whose kernel is the transpose of an earlier layer's: y = x·Wᵀ + b. With W [D, units] of an encoder's
 * dense layer it is the decoder of a tied autoencoder, [B, units] → [B, D] (Vincent et al., 2010); with the table
 * [vocabulary, D] of an embedding it gives the logits of words, [B, T, D] → [B, T, vocabulary] (Press and Wolf, 2017).
 * W exists once, and its gradient is the sum over both uses; b is this layer's own.
 *
 * @param path Full path of an earlier dense or embedding layer: 'encoder/dense1'.
 * @throws UsageError if there is no matrix under that path, or the input does not fit it.
 * @example
 * tiedTranspose('words').config // → { layer: 'tiedTranspose', to: 'words', bias: true }
 */
export function tiedTranspose(
  path: string,
  options: Omit<z.input<typeof tiedTransposeOptions>, 'path'> = {},
): Layer {
  const given = positional('tiedTranspose', { path }, options);
  const { path: to, ...parsed } = parseOptions('tiedTranspose', tiedTransposeOptions, given);
  const { bias } = parsed;
  return {
    // `to` in checkpoints, as before 0.2.
    config: { layer: 'tiedTranspose', to, ...parsed },
    init(scope, input) {
      const kernel = scope.borrowing(to).declared('kernel');
      if (kernel?.shape.length !== 2) {
        throw new UsageError(
          expected(
            'tiedTranspose',
            `a matrix as '${to}/kernel'`,
            kernel?.shape ?? 'nothing',
            'give the full path of an earlier dense() or embedding()',
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
