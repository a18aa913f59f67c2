import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import type { Layer } from './layer.js';
import { named } from './named.js';
import type { Shape } from './param-spec.js';

export const reshapeOptions = z.strictObject({
  /** Without the batch axis. */
  shape: z.array(z.int().min(1)).min(1),
  ...named,
});

const sizeOf = (shape: Shape) => shape.reduce((product, side) => product * side, 1);

/**
 * The same numbers in another shape, without the batch axis: `reshape([4, 4, 128])` is [B, 2048] → [B, 4, 4, 128].
 *
 * @param shape The new shape without the batch axis; each side ≥ 1.
 * @throws UsageError if the input has another number of values.
 * @example
 * reshape([4, 4, 128]).config // → { layer: 'reshape', shape: [ 4, 4, 128 ] }
 */
export function reshape(
  shape: readonly number[],
  options: Omit<z.input<typeof reshapeOptions>, 'shape'> = {},
): Layer {
  const parsed = parseOptions('reshape', reshapeOptions, positional('reshape', { shape }, options));
  const sides = parsed.shape;
  return {
    config: { layer: 'reshape', ...parsed },
    init(_, input) {
      if (sizeOf(input) === sizeOf(sides)) return sides;
      throw new UsageError(
        expected('reshape', `${sizeOf(sides)} numbers for a shape of ${sides.join('×')}`, input),
      );
    },
    apply: (_, x) => x.reshape([x.shape[0], ...sides]),
  };
}
