import { z } from 'zod';
import { shiftHsv } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval } from '../transform/options.js';

/**
 * Shifts the hue by a share of the color circle and multiplies saturation and value, in HSV, clipped (the jitter
 * of YOLO). Factors rather than sums: adding to the saturation of a gray pixel would make it red.
 *
 * Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example hueSaturationValue({ hue: [-0.02, 0.02] })
 */
export const hueSaturationValue = defineTransform({
  name: 'hueSaturationValue',
  options: z.strictObject({
    /** Shares of the circle, default ±0.05. */
    hue: interval(-0.5, 0.5).default([-0.05, 0.05]),
    /** Factors, default 0.5 to 1.5. */
    saturation: interval(0, 100).default([0.5, 1.5]),
    /** Factors, default 0.7 to 1.3. */
    value: interval(0, 100).default([0.7, 1.3]),
  }),
  params: z.strictObject({
    hue: z.number().min(-0.5).max(0.5),
    saturation: z.number().min(0),
    value: z.number().min(0),
  }),
  magnitude: (s) => ({
    hue: [-0.1 * s, 0.1 * s] as [number, number],
    saturation: [1 - 0.9 * s, 1 + 0.9 * s] as [number, number],
    value: [1 - 0.6 * s, 1 + 0.6 * s] as [number, number],
  }),
  draw: (draws, { hue, saturation, value }) => ({
    hue: between(draws, hue),
    saturation: between(draws, saturation),
    value: between(draws, value),
  }),
  lower({ hue, saturation, value }, plan) {
    if (hue === 0 && saturation === 1 && value === 1) return;
    plan.row('hsv', shiftHsv(hue, saturation, value), (kernels) => (at, y0, y1, width) => {
      kernels.shiftHsv(at, width * (y1 - y0), 6 * hue, saturation, value);
    });
  },
});
