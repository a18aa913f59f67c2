/**
 * Sharpens by what a Gaussian blur takes away: out = clip(x + amount·(x − blur(x))) where the two differ by more
 * than `threshold` levels, else x. The unsharp mask of photography.
 */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';
import { gaussian } from './gaussian-blur.js';

export const unsharpMask = defineTransform({
  name: 'unsharpMask',
  options: z.strictObject({
    /** Of the blur, in pixels, default 0.5 to 2. */
    sigma: interval(0, 20).default([0.5, 2]),
    /** Default 0.5 to 1.5. */
    amount: interval(0, 10).default([0.5, 1.5]),
    /** Levels of 0..255, default 5. */
    threshold: interval(0, 255).default([5, 5]),
  }),
  params: z.strictObject({
    sigma: z.number().min(0).max(20),
    amount: z.number().min(0).max(10),
    threshold: z.number().min(0).max(255),
  }),
  shorthand: exactly('amount'),
  magnitude: (strength) => ({
    sigma: exact(1.5),
    amount: exact(3 * strength),
    threshold: exact(0),
  }),
  draw: (draws, { sigma, amount, threshold }) => ({
    sigma: between(draws, sigma),
    amount: between(draws, amount),
    threshold: between(draws, threshold),
  }),
  lower({ sigma, amount, threshold }, plan) {
    const kernel = gaussian(sigma);
    if (amount === 0 || kernel.length === 1) return;
    // What is added, by difference −255..255.
    const added = Int16Array.from({ length: 511 }, (_, i) =>
      Math.abs(i - 255) > threshold ? Math.round(amount * (i - 255)) : 0,
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
