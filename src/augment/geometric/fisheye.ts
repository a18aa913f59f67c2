import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactlyWithin } from '../transform/intervals.js';
import { between, interval, samplingOptions } from '../transform/options.js';
import { radial } from './radial.js';

/**
 * Distorts like a fisheye lens: the middle is enlarged, the rim compressed, the corners stay. The source of radius
 * r (in shares of half the diagonal) is tan(θ·r)/tan θ, where θ is `strength` times a right angle.
 *
 * `fisheye(0.4)` is exactly that strength; a schedule works in place of the number. Masks, boxes and keypoints
 * move with the pixels. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example fisheye(0.4)
 */
export const fisheye = defineTransform({
  name: 'fisheye',
  options: z.strictObject({
    ...samplingOptions,
    /** θ as a share of a right angle, default 0.2 to 0.5. */
    strength: interval(0, 0.95).default([0.2, 0.5]),
  }),
  params: z.strictObject({ ...samplingOptions, strength: z.number().min(0).max(0.95) }),
  p: 0.5,
  shorthand: exactlyWithin('fisheye', 'strength', 0, 0.95),
  magnitude: (s) => ({ strength: [0.6 * s, 0.6 * s] as [number, number] }),
  draw: (draws, { strength, ...sampling }) => ({ ...sampling, strength: between(draws, strength) }),
  lower({ strength, ...sampling }, plan) {
    if (strength === 0) return;
    const theta = (strength * Math.PI) / 2;
    const rim = Math.tan(theta);
    const source = (r: number) => (r < 1e-9 ? theta / rim : Math.tan(theta * r) / (rim * r));
    radial(source, (R) => Math.atan(R * rim) / theta, sampling, plan);
  },
});
