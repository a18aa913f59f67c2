import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { relu as rectify } from '../ops/relu.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const reluOptions = z.strictObject({
  ...named,
});

/**
 * Rectified linear unit: max(x, 0), any shape.
 *
 * @example
 * relu().config // → { layer: 'relu' }
 */
export function relu(options: z.input<typeof reluOptions> = {}): Layer {
  const parsed = parseOptions('relu', reluOptions, options);
  return {
    config: { layer: 'relu', ...parsed },
    init: (_, input) => input,
    apply: (_, x) => rectify(x),
  };
}
