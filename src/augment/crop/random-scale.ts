/** Resizes both sides by one random factor; the output's size is as random. Antialiased when it shrinks. */
import { z } from 'zod';
import type { Scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval, resampling } from '../transform/options.js';
import { resizeTo } from './resize-to.js';

const fields = { interpolation: resampling.default('bilinear'), antialias: z.boolean().default(true) };

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
