import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';
import { gaussian } from './gaussian-blur.js';

/**
 * Sharpens by what a Gaussian blur removes: out = clip(x + strength·(x − blur(x))) where the two differ by more
 * than `threshold` levels, else x. The unsharp mask of photography.
 *
 * `unsharpMask(1)` is exactly that strength; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example unsharpMask(1)
 */
export const unsharpMask = defineTransform({
  name: 'unsharpMask',
  options: z.strictObject({
    /** Of the blur, in pixels, default 0.5 to 2. */
    sigma: interval(0, 20).default([0.5, 2]),
    /** Default 0.5 to 1.5. */
    strength: interval(0, 10).default([0.5, 1.5]),
    /** Levels of 0..255, default 5. */
    threshold: interval(0, 255).default([5, 5]),
  }),
  params: z.strictObject({
    sigma: z.number().min(0).max(20),
    strength: z.number().min(0).max(10),
    threshold: z.number().min(0).max(255),
  }),
  shorthand: exactly('strength'),
  magnitude: (strength) => ({
    sigma: exact(1.5),
    strength: exact(3 * strength),
    threshold: exact(0),
  }),
  draw: (draws, { sigma, strength, threshold }) => ({
    sigma: between(draws, sigma),
    strength: between(draws, strength),
    threshold: between(draws, threshold),
  }),
  lower({ sigma, strength, threshold }, plan) {
    const kernel = gaussian(sigma);
    if (strength === 0 || kernel.length === 1) return;
    // What is added, by difference −255..255.
    const added = Int16Array.from({ length: 511 }, (_, i) =>
      Math.abs(i - 255) > threshold ? Math.round(strength * (i - 255)) : 0,
    );
    plan.filter('unsharpMask', (input, output, width, height, tools) => {
      tools.separable(input, output, width, height, kernel, kernel);
      for (let i = 0; i < input.length; i++) {
        const x = input[i] as number;
        const v = x + (added[255 + x - (output[i] as number)] as number);
        output[i] = v < 0 ? 0 : v > 255 ? 255 : v;
      }
    });
  },
});
