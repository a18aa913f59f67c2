/** Resizes so that the longer side has a given length; the aspect ratio stays (albumentations' LongestMaxSize). */
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
