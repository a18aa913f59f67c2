/**
 * Cuts the middle out. Exact. An image that is smaller is padded. Where the room is odd, the extra pixel
 * goes where torchvision leaves it: half-way offsets round to even.
 */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { border, color, sides, size } from '../transform/options.js';

const fields = { size, border: border.default('constant'), fill: color.default([0, 0, 0]) };

export const centerCrop = defineTransform({
  name: 'centerCrop',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (_, options) => ({ ...options, size: options.size as number | [number, number] }),
  lower({ size: to, border, fill }, plan) {
    const [height, width] = sides(to);
    const [x, y] = [half(plan.width - width), half(plan.height - height)];
    plan.geometry([1, 0, x, 0, 1, y], width, height, { border, fill });
  },
});

/** Half of the room before the crop; negative where pixels are missing, of which the smaller half comes first. */
function half(room: number): number {
  if (room < 0) return -Math.floor(-room / 2);
  const low = Math.floor(room / 2);
  return room % 2 === 0 ? low : low + (low % 2);
}
