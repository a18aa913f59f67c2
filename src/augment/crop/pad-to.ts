import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { border, color, side, sides, size } from '../transform/options.js';
import { place } from './random-box.js';

type Size = number | [number, number] | { multipleOf: number };

const fields = {
  /** A side, [height, width], or { multipleOf }: a number that must divide both sides. In pixels. */
  size: z.union([size, z.strictObject({ multipleOf: side })]),
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
};

/**
 * Pads an image to at least a size, or to sides that are multiples of a number (albumentations' PadIfNeeded).
 * Exact; what is large enough stays as it is.
 *
 * `padTo(224)` pads to 224 × 224 pixels at least, `padTo([224, 320])` to height and width, `padTo({ size: {
 * multipleOf: 32 } })` to multiples. Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example padTo({ size: { multipleOf: 32 }, border: 'reflect' })
 */
export const padTo = defineTransform({
  name: 'padTo',
  options: z.strictObject({
    ...fields,
    /** Where the image goes, default the middle. */
    position: z.enum(['center', 'topLeft', 'random']).default('center'),
  }),
  params: z.strictObject({
    ...fields,
    /** The middle, or the share of the padding on the left and on top. */
    at: z.union([z.literal('center'), z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])]),
  }),
  shorthand: (size: Size) => ({ size }),
  draw(draws, { size, border, fill, position }) {
    const corner: [number, number] = position === 'random' ? [draws.uniform(), draws.uniform()] : [0, 0];
    return { size: size as Size, border, fill, at: position === 'center' ? position : corner };
  },
  lower({ size: to, border, fill, at }, plan) {
    const [height, width] = padded(to, plan.height, plan.width);
    const [roomX, roomY] = [width - plan.width, height - plan.height];
    if (roomX === 0 && roomY === 0) return;
    const [left, top] =
      at === 'center' ? [roomX >> 1, roomY >> 1] : [place(at[0], roomX), place(at[1], roomY)];
    plan.geometry([1, 0, -left, 0, 1, -top], width, height, { border, fill });
  },
});

function padded(to: Size, height: number, width: number): [height: number, width: number] {
  if (typeof to === 'object' && 'multipleOf' in to) {
    const up = (n: number) => Math.ceil(n / to.multipleOf) * to.multipleOf;
    return [up(height), up(width)];
  }
  const [least, leastWidth] = sides(to);
  return [Math.max(height, least), Math.max(width, leastWidth)];
}
