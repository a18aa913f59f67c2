import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { between, border, color, interpolation, interval, plusMinus } from '../transform/options.js';

const share = z.number().min(0).max(1);
const sampling = {
  interpolation: interpolation.default('bilinear'),
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
  /** What stays in place, as shares of width and height; default the middle. */
  center: z.tuple([share, share]).readonly().default([0.5, 0.5]),
};
/** Two slopes of 1 would flatten the image to a line. */
const slopes = interval(-0.99, 0.99);
const slope = z.number().min(-0.99).max(0.99);

/**
 * Shears the image: out(x, y) = in(x + a·(y − c_y), y + b·(x − c_x)), slopes a and b. AutoAugment and its
 * successors shear about the upper left corner, `center: [0, 0]`.
 *
 * Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example shear({ x: [-0.2, 0.2], y: [-0.2, 0.2] })
 */
export const shear = defineTransform({
  name: 'shear',
  options: z.strictObject({
    ...sampling,
    /** Slope along x, default −0.3 to 0.3. */
    x: slopes.default([-0.3, 0.3]),
    /** Slope along y, default none. */
    y: slopes.default([0, 0]),
  }),
  params: z.strictObject({ ...sampling, x: slope, y: slope }),
  magnitude: (strength) => ({ x: plusMinus(0.5 * strength), y: plusMinus(0.5 * strength) }),
  draw: (draws, { x, y, ...sampling }) => ({ ...sampling, x: between(draws, x), y: between(draws, y) }),
  lower({ x, y, center: [cx, cy], interpolation, border, fill }, plan) {
    if (x === 0 && y === 0) return;
    const { width, height } = plan;
    plan.geometry([1, x, -x * cy * height, y, 1, -y * cx * width], width, height, {
      interpolation,
      border,
      fill,
    });
  },
});
