import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const flattenOptions = z.strictObject({
  ...named,
});

/**
 * All axes but the batch's in one: [B, H, W, C] → [B, H·W·C], row by row.
 *
 * @example
 * flatten().config // → { layer: 'flatten' }
 */
export function flatten(options: z.input<typeof flattenOptions> = {}): Layer {
  const parsed = parseOptions('flatten', flattenOptions, options);
  return {
    config: { layer: 'flatten', ...parsed },
    init: (_, input) => [input.reduce((product, side) => product * side, 1)],
    apply: (_, x) => x.reshape([x.shape[0], -1]),
  };
}
