import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { drawOdd, oddRange, oddSize } from './kernel-size.js';

const MOST = 99;

/**
 * Blurs with the mean of size × size pixels (size odd; edges are mirrored): OpenCV's blur.
 *
 * `boxBlur(5)` is exactly that size in pixels; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example boxBlur(5).transform.options.size // → [ 5, 5 ]
 */
export const boxBlur = defineTransform({
  name: 'boxBlur',
  options: z.strictObject({
    /** Side in pixels, odd, default 3 to 7. */
    size: oddRange(MOST).default([3, 7]),
  }),
  params: z.strictObject({ size: oddSize(MOST) }),
  shorthand: exactly('size'),
  magnitude: (strength) => {
    const size = 1 + 2 * Math.round(5 * strength);
    return { size: exact(size) };
  },
  draw: (draws, { size }) => ({ size: drawOdd(draws, size) }),
  lower({ size }, plan) {
    if (size === 1) return;
    const kernel = Array.from({ length: size }, () => 1);
    plan.filter('boxBlur', (input, output, width, height, tools) =>
      tools.separable(input, output, width, height, kernel, kernel),
    );
  },
});
