import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { joined } from '../../core/positional.js';
import { type Layer, layerSchema } from './layer.js';
import { named } from './named.js';

export const tiedOptions = z.strictObject({
  inner: layerSchema,
  /** Full path of the earlier layer. */
  path: z.string().min(1),
  ...named,
});

/**
 * Uses the parameters of an earlier layer again. The layer given says what is computed; its parameters are those at the
 * path, which must have the same names and shapes, and their gradient is the sum over both uses. They exist once, also
 * for checkpoints, weight decay and penalties. Each use has its own noise and running statistics. For Wᵀ see
 * `tiedTranspose`.
 *
 * @param inner A layer of the same kind and shape as the earlier one.
 * @param path Full path of the earlier layer: 'stage1/block2/conv1'.
 * @throws UsageError if the parameters at the path have other names or shapes.
 * @example
 * tied(dense(64), 'hidden1', { name: 'again' }).config.to // → 'hidden1'
 */
export function tied(
  inner: Layer,
  path: string,
  options: Omit<z.input<typeof tiedOptions>, 'inner' | 'path'> = {},
): Layer {
  const given = joined('tied', { inner, path }, options);
  const { inner: layer, path: to, ...parsed } = parseOptions('tied', tiedOptions, given);
  return {
    // `to` in checkpoints, as before 0.2.
    config: { layer: 'tied', to, ...parsed, inner: layer.config },
    init: (scope, input) => layer.init(scope.borrowing(to), input),
    apply: (scope, x) => layer.apply(scope.borrowing(to), x),
  };
}
