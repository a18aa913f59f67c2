import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';

/**
 * Blurs with a Gaussian of standard deviation σ pixels, cut off at 3σ; edges are mirrored. Two passes of a
 * separable kernel with 14-bit weights.
 *
 * `gaussianBlur(2)` is exactly that σ; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example gaussianBlur(2)
 */
export const gaussianBlur = defineTransform({
  name: 'gaussianBlur',
  options: z.strictObject({
    /** Pixels, default 0.1 to 2. */
    sigma: interval(0, 20).default([0.1, 2]),
  }),
  params: z.strictObject({ sigma: z.number().min(0).max(20) }),
  shorthand: exactly('sigma'),
  magnitude: (strength) => ({ sigma: exact(4 * strength) }),
  draw: (draws, { sigma }) => ({ sigma: between(draws, sigma) }),
  lower({ sigma }, plan) {
    const kernel = gaussian(sigma);
    if (kernel.length === 1) return;
    plan.filter('gaussianBlur', (input, output, width, height, tools) =>
      tools.separable(input, output, width, height, kernel, kernel),
    );
  },
});

/** Weights at whole distances up to 3σ. */
export function gaussian(sigma: number): number[] {
  const reach = Math.ceil(3 * sigma);
  return Array.from({ length: 2 * reach + 1 }, (_, i) =>
    reach === 0 ? 1 : Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
}
