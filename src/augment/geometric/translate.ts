import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { between, border, color, interval, plusMinus } from '../transform/options.js';

const sampling = {
  /** Of x and y: shares of width and height, or pixels. */
  unit: z.enum(['share', 'pixels']).default('share'),
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
};
const shift = interval(-65535, 65535);

/**
 * Shifts by whole pixels, truncated towards zero as in torchvision: exact. Positive is to the right and down.
 *
 * Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example translate({ x: [-4, 4], y: [-4, 4], unit: 'pixels' })
 */
export const translate = defineTransform({
  name: 'translate',
  options: z.strictObject({
    ...sampling,
    /** Default −0.1 to 0.1. */
    x: shift.default([-0.1, 0.1]),
    /** Default −0.1 to 0.1. */
    y: shift.default([-0.1, 0.1]),
  }),
  params: z.strictObject({ ...sampling, x: z.number(), y: z.number() }),
  magnitude: (strength) => ({ x: plusMinus(0.5 * strength), y: plusMinus(0.5 * strength) }),
  draw: (draws, { x, y, ...sampling }) => ({ ...sampling, x: between(draws, x), y: between(draws, y) }),
  lower({ x, y, unit, border, fill }, plan) {
    const { width, height } = plan;
    const [dx, dy] = unit === 'share' ? [whole(x * width), whole(y * height)] : [whole(x), whole(y)];
    if (dx !== 0 || dy !== 0) plan.geometry([1, 0, -dx, 0, 1, -dy], width, height, { border, fill });
  },
});

/** What falls short of a whole number by a rounding error is that number. */
const whole = (v: number) => Math.trunc(v + 1e-9 * Math.sign(v));
