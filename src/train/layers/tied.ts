/**
 * The parameters of an earlier layer, used again at this place: `tied(dense({ units: 64 }), 'hidden1')`. The
 * layer given says what is computed; its parameters are those at the path, which must have the same names and
 * shapes, and their gradient is the sum over both places. They exist once, for checkpoints, decay and penalties
 * too. Noise and running statistics are each place's own. For Wᵀ see `tiedTranspose`.
 */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import type { Layer } from './layer.js';

export const tiedOptions = z.strictObject({
  /** Whole path of the earlier layer: 'stage1/block2/conv1'. */
  to: z.string().min(1),
  name: z.string().optional(),
});

export function tied(inner: Layer, to: string, options: Omit<z.input<typeof tiedOptions>, 'to'> = {}): Layer {
  const parsed = parseOptions('tied', tiedOptions, { to, ...options });
  return {
    config: { layer: 'tied', ...parsed, inner: inner.config },
    init: (scope, input) => inner.init(scope.borrowing(to), input),
    apply: (scope, x) => inner.apply(scope.borrowing(to), x),
  };
}
