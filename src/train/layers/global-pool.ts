import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const globalPoolOptions = z.strictObject({
  /** Default 'mean'. */
  mode: z.enum(['mean', 'max']).default('mean'),
  ...named,
});

/**
 * The mean (or maximum) of each channel over the image: [B, H, W, C] → [B, C].
 *
 * @throws UsageError if the input is not [H, W, C].
 * @example
 * globalPool({ mode: 'max' }).config // → { layer: 'globalPool', mode: 'max' }
 */
export function globalPool(options: z.input<typeof globalPoolOptions> = {}): Layer {
  const parsed = parseOptions('globalPool', globalPoolOptions, options);
  return {
    config: { layer: 'globalPool', ...parsed },
    init(_, input) {
      if (input.length !== 3) throw new UsageError(expected('globalPool', 'images [H, W, C]', input));
      return [input[2]];
    },
    apply: (_, x) => (parsed.mode === 'mean' ? tf.mean(x, [1, 2]) : tf.max(x, [1, 2])),
  };
}
