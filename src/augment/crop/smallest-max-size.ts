import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { resampling, side } from '../transform/options.js';
import { resizeTo } from './resize-to.js';

const fields = {
  /** Pixels of the shorter side. */
  size: side,
  interpolation: resampling.default('bilinear'),
  antialias: z.boolean().default(true),
};

/**
 * Resizes to a given length of the shorter side; the aspect ratio stays (albumentations' SmallestMaxSize).
 *
 * `smallestMaxSize(256)` is that length in pixels. Masks, boxes and keypoints move with the pixels. Default `p`:
 * 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example smallestMaxSize(256)
 */
export const smallestMaxSize = defineTransform({
  name: 'smallestMaxSize',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (size: number) => ({ size }),
  draw: (_, options) => options,
  lower({ size, ...how }, plan) {
    const factor = size / Math.min(plan.width, plan.height);
    resizeTo(plan.width * factor, plan.height * factor, how, plan);
  },
});
