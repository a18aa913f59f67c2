import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactlyWithin } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';

/**
 * Inverts every value from a threshold on: out = x < t ? x : 255 − x. Pillow's ImageOps.solarize, exactly.
 *
 * `solarize(128)` is exactly that threshold; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example solarize(128)
 */
export const solarize = defineTransform({
  name: 'solarize',
  options: z.strictObject({
    /** In 0..256, default 128; 256 inverts nothing, 0 everything. */
    threshold: interval(0, 256).default([128, 128]),
  }),
  params: z.strictObject({ threshold: z.number().min(0).max(256) }),
  p: 0.5,
  shorthand: exactlyWithin('solarize', 'threshold', 0, 256),
  magnitude(strength) {
    const threshold = 256 * (1 - strength);
    return { threshold: [threshold, threshold] as [number, number] };
  },
  draw: (draws, { threshold }) => ({ threshold: between(draws, threshold) }),
  lower({ threshold }, plan) {
    if (threshold < 256) plan.lookUp((v) => (v < threshold ? v : 255 - v));
  },
});
