/**
 * The sampling of a fisheye lens: the middle swells, the rim is squeezed, the corners stay. Radius grows with the
 * angle of sight where the image has its tangent: source radius tan(θ·r)/tan θ, r in shares of half the diagonal.
 */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactlyWithin } from '../transform/intervals.js';
import { between, interval, samplingOptions } from '../transform/options.js';
import { radial } from './radial.js';

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
