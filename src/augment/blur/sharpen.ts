import { z } from 'zod';
import type { Taps } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';
import { NEIGHBORHOOD_3X3 } from './kernel-size.js';

/**
 * Sharpens with the Laplacian of the eight neighbors, blended in: out = (1 − α)·x + α·((8 + lightness)·x − Σ
 * eight), clipped (albumentations' Sharpen). `lightness` 1 keeps the brightness of flat areas, less darkens them.
 *
 * `sharpen(0.3)` is exactly that α; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example sharpen(0.3)
 */
export const sharpen = defineTransform({
  name: 'sharpen',
  options: z.strictObject({
    /** Default 0.2 to 0.5. */
    alpha: interval(0, 1).default([0.2, 0.5]),
    /** Default 0.5 to 1. */
    lightness: interval(0, 4).default([0.5, 1]),
  }),
  params: z.strictObject({ alpha: z.number().min(0).max(1), lightness: z.number().min(0).max(4) }),
  shorthand: exactly('alpha'),
  magnitude: (strength) => ({
    alpha: exact(0.6 * strength),
    lightness: exact(1),
  }),
  draw: (draws, { alpha, lightness }) => ({
    alpha: between(draws, alpha),
    lightness: between(draws, lightness),
  }),
  lower({ alpha, lightness }, plan) {
    if (alpha === 0) return;
    const taps: Taps = NEIGHBORHOOD_3X3.map(
      ([x, y]) => [x, y, x === 0 && y === 0 ? 1 - alpha + alpha * (8 + lightness) : -alpha] as const,
    );
    plan.filter('sharpen', (input, output, width, height, tools) =>
      tools.convolve(input, output, width, height, taps),
    );
  },
});
