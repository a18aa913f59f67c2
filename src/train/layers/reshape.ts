/** The same numbers in another shape, the batch axis apart: [B, 2048] → [B, 4, 4, 128]. */
import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import type { Layer } from './layer.js';
import type { Shape } from './param-spec.js';

export const reshapeOptions = z.strictObject({
  /** Without the batch axis. */
  shape: z.array(z.int().min(1)).min(1),
  name: z.string().optional(),
});

const sizeOf = (shape: Shape) => shape.reduce((product, side) => product * side, 1);

export function reshape(options: z.input<typeof reshapeOptions>): Layer {
  const parsed = parseOptions('reshape', reshapeOptions, options);
  const { shape } = parsed;
  return {
    config: { layer: 'reshape', ...parsed },
    init(_, input) {
      if (sizeOf(input) === sizeOf(shape)) return shape;
      throw new UsageError(
        expected('reshape', `${sizeOf(shape)} numbers for a shape of ${shape.join('×')}`, input),
      );
    },
    apply: (_, x) => x.reshape([x.shape[0], ...shape]),
  };
}
