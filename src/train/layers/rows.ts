import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const rowsOptions = z.strictObject({
  ...named,
});

/**
 * The rows of an image as steps of a sequence, for `lstm` and `gru`: [B, H, W, C] → [B, H, W·C].
 *
 * @throws UsageError if the input is not [H, W, C].
 * @example
 * rows().config // → { layer: 'rows' }
 */
export function rows(options: z.input<typeof rowsOptions> = {}): Layer {
  const parsed = parseOptions('rows', rowsOptions, options);
  return {
    config: { layer: 'rows', ...parsed },
    init(_, input) {
      if (input.length !== 3) throw new UsageError(expected('rows', 'images [H, W, C]', input));
      return [input[0], input[1] * input[2]];
    },
    apply: (_, x) => x.reshape([x.shape[0], x.shape[1] as number, -1]),
  };
}
