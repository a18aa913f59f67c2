/** Resizes so that the shorter side has a given length; the aspect ratio stays (albumentations' SmallestMaxSize). */
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
