/** Cuts the middle out. Exact. An image that is smaller is padded with `fill`. */
import { z } from 'zod';
import { border, colour, sides, size } from './options.js';
import { defineTransform } from './transform.js';

const fields = { size, border: border.default('constant'), fill: colour.default([0, 0, 0]) };

export const centerCrop = defineTransform({
  name: 'centerCrop',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (_, options) => ({ ...options, size: options.size as number | [number, number] }),
  lower({ size: to, border, fill }, plan) {
    const [height, width] = sides(to);
    const [x, y] = [Math.round((plan.width - width) / 2), Math.round((plan.height - height) / 2)];
    plan.geometry([1, 0, x, 0, 1, y], width, height, { border, fill });
  },
});
