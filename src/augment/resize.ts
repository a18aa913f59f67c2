/**
 * Resizes to a fixed size with an antialiased triangle filter (Pillow's BILINEAR), bilinear without it, or
 * the nearest pixel. A single number gives a square; `keepRatio` makes it the shorter side.
 */
import { z } from 'zod';
import { interpolation, sides, size } from './options.js';
import { defineTransform } from './transform.js';

const fields = {
  /** Side, or [height, width]. */
  size,
  /** Keep the aspect ratio: `size` is then the length of the shorter side. */
  keepRatio: z.boolean().default(false),
  interpolation: interpolation.default('bilinear'),
  antialias: z.boolean().default(true),
};

export const resize = defineTransform({
  name: 'resize',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (_, options) => ({ ...options, size: options.size as number | [number, number] }),
  lower({ size: to, keepRatio, interpolation, antialias }, plan) {
    let [height, width] = sides(to);
    if (keepRatio) {
      const factor = Math.max(width / plan.width, height / plan.height);
      width = Math.max(1, Math.round(plan.width * factor));
      height = Math.max(1, Math.round(plan.height * factor));
    }
    if (width === plan.width && height === plan.height) return;
    plan.geometry([plan.width / width, 0, 0, 0, plan.height / height, 0], width, height, {
      interpolation,
      antialias,
    });
  },
});
