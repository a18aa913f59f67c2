/**
 * Pads every side by some pixels and crops back to the size it had, at a random place: the standard
 * augmentation of small images (He et al., 2016). Exact.
 */
import { z } from 'zod';
import { border, colour } from './options.js';
import { defineTransform } from './transform.js';

const fields = { border: border.default('constant'), fill: colour.default([0, 0, 0]) };

export const padCrop = defineTransform({
  name: 'padCrop',
  options: z.strictObject({ ...fields, padding: z.int().min(0).max(4096).default(4) }),
  params: z.strictObject({ ...fields, x: z.int(), y: z.int() }),
  shorthand: (padding: number) => ({ padding }),
  magnitude: (strength) => ({ padding: Math.round(8 * strength) }),
  draw: (draws, { padding, border, fill }) => ({
    border,
    fill,
    x: draws.int(2 * padding + 1) - padding,
    y: draws.int(2 * padding + 1) - padding,
  }),
  lower: ({ x, y, border, fill }, plan) =>
    plan.geometry([1, 0, x, 0, 1, y], plan.width, plan.height, { border, fill }),
});
