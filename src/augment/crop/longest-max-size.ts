import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { resampling, side } from '../transform/options.js';
import { resizeTo } from './resize-to.js';

const fields = {
  /** Pixels of the longer side. */
  size: side,
  interpolation: resampling.default('bilinear'),
  antialias: z.boolean().default(true),
};

/**
 * Resizes to a given length of the longer side; the aspect ratio stays (albumentations' LongestMaxSize).
 *
 * `longestMaxSize(256)` is that length in pixels. Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example longestMaxSize(256)
 */
export const longestMaxSize = defineTransform({
  name: 'longestMaxSize',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (size: number) => ({ size }),
  draw: (_, options) => options,
  lower({ size, ...how }, plan) {
    const factor = size / Math.max(plan.width, plan.height);
    resizeTo(plan.width * factor, plan.height * factor, how, plan);
  },
});
