import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { drawOdd, oddRange, oddSize } from './kernel-size.js';

const MOST = 7;

/**
 * Replaces every value by the median of size × size around it, by channel; edges are repeated, as in OpenCV.
 *
 * `medianBlur(5)` is exactly that size in pixels; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example medianBlur(5)
 */
export const medianBlur = defineTransform({
  name: 'medianBlur',
  options: z.strictObject({
    /** Side in pixels, odd, default 3 to 7. */
    size: oddRange(MOST).default([3, 7]),
  }),
  params: z.strictObject({ size: oddSize(MOST) }),
  shorthand: exactly('size'),
  magnitude: (strength) => {
    const size = 1 + 2 * Math.round(3 * strength);
    return { size: exact(size) };
  },
  draw: (draws, { size }) => ({ size: drawOdd(draws, size) }),
  lower({ size }, plan) {
    if (size === 1) return;
    plan.filter('medianBlur', (input, output, width, height, tools) =>
      tools.median(input, output, width, height, size),
    );
  },
});
