import { z } from 'zod';
import type { Taps } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';
import { NEIGHBORHOOD_3X3 } from './kernel-size.js';

/**
 * Blends in a relief lit from the upper left: out = (1 − α)·x + α·(x * kernel), clipped, with the kernel [[−1 − s,
 * −s, 0], [−s, 1, s], [0, s, 1 + s]] (albumentations' Emboss).
 *
 * `emboss(0.3)` is exactly that α; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example emboss(0.3)
 */
export const emboss = defineTransform({
  name: 'emboss',
  options: z.strictObject({
    /** Default 0.2 to 0.5. */
    alpha: interval(0, 1).default([0.2, 0.5]),
    /** s, default 0.2 to 0.7. */
    strength: interval(0, 10).default([0.2, 0.7]),
  }),
  params: z.strictObject({ alpha: z.number().min(0).max(1), strength: z.number().min(0).max(10) }),
  shorthand: exactly('alpha'),
  magnitude: (s) => ({ alpha: exact(s), strength: exact(0.5) }),
  draw: (draws, { alpha, strength }) => ({
    alpha: between(draws, alpha),
    strength: between(draws, strength),
  }),
  lower({ alpha, strength: s }, plan) {
    if (alpha === 0) return;
    const relief = [-1 - s, -s, 0, -s, 1, s, 0, s, 1 + s];
    const taps: Taps = NEIGHBORHOOD_3X3.map(
      ([x, y], i) => [x, y, alpha * (relief[i] as number) + (i === 4 ? 1 - alpha : 0)] as const,
    );
    plan.filter('emboss', (input, output, width, height, tools) =>
      tools.convolve(input, output, width, height, taps),
    );
  },
});
