import { z } from 'zod';
import { shiftHsv } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { symmetric } from '../transform/intervals.js';
import { between, interval, plusMinus } from '../transform/options.js';

/**
 * Rotates the hue by a share of the color circle, in HSV: ±0.5 is the complement.
 *
 * `hue(0.1)`: −0.1 to 0.1; `hue([0.1, 0.1])`: always 0.1. A schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example hue(0.1)
 */
export const hue = defineTransform({
  name: 'hue',
  options: z.strictObject({ shift: interval(-0.5, 0.5).default([-0.1, 0.1]) }),
  params: z.strictObject({ shift: z.number().min(-0.5).max(0.5) }),
  shorthand: symmetric('hue', 'shift', 0.5),
  magnitude: (strength) => ({ shift: plusMinus(0.5 * strength) }),
  draw: (draws, { shift }) => ({ shift: between(draws, shift) }),
  lower({ shift }, plan) {
    if (shift === 0) return;
    plan.row('hue', shiftHsv(shift, 1, 1), (kernels) => (at, y0, y1, width) => {
      kernels.shiftHsv(at, width * (y1 - y0), 6 * shift, 1, 1);
    });
  },
});
