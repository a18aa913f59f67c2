import { z } from 'zod';
import type { Scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval, resampling } from '../transform/options.js';
import { resizeTo } from './resize-to.js';

const fields = { interpolation: resampling.default('bilinear'), antialias: z.boolean().default(true) };

/**
 * Resizes both sides by one random factor, so output sizes differ from image to image: crop or pad before `batch`.
 * Antialiased when it shrinks.
 *
 * `randomScale([0.5, 2])` is the range of the factor; it takes no single number. Masks, boxes and keypoints move
 * with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example randomScale([0.5, 2])
 */
export const randomScale = defineTransform({
  name: 'randomScale',
  options: z.strictObject({
    ...fields,
    /** Default 0.8 to 1.2. */
    factor: interval(0.01, 100).default([0.8, 1.2]),
  }),
  params: z.strictObject({ ...fields, factor: z.number().min(0.01).max(100) }),
  shorthand: (factor: [Scheduled, Scheduled]) => ({ factor }),
  draw: (draws, { factor, ...how }) => ({ ...how, factor: between(draws, factor) }),
  lower({ factor, ...how }, plan) {
    resizeTo(plan.width * factor, plan.height * factor, how, plan);
  },
});
