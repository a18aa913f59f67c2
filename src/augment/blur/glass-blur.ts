import { z } from 'zod';
import { fold, type Key, scheduledInt } from '../../core/index.js';
import { scramble } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';
import { gaussian } from './gaussian-blur.js';

/**
 * Looks through frosted glass (Hendrycks and Dietterich, 2019): a slight blur, then every pixel takes the value of
 * one at most `delta` away, `iterations` times, then the blur again. Which one is a function of the drawn seed and
 * the place.
 *
 * Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example glassBlur({ delta: 3 })
 */
export const glassBlur = defineTransform({
  name: 'glassBlur',
  options: z.strictObject({
    /** Of the blur, in pixels, default 0.7. */
    sigma: interval(0, 10).default([0.7, 0.7]),
    /** How far pixels wander in one iteration, in pixels along each axis, default 2. */
    delta: scheduledInt(0, 32).default(2),
    iterations: scheduledInt(1, 8).default(2),
  }),
  params: z.strictObject({
    sigma: z.number().min(0).max(10),
    delta: z.int().min(0).max(32),
    iterations: z.int().min(1).max(8),
    seed,
  }),
  magnitude: (s) => ({
    sigma: exact(0.9 * s),
    delta: Math.round(4 * s),
    iterations: 2,
  }),
  draw: (draws, { sigma, delta, iterations }) => ({
    sigma: between(draws, sigma),
    delta: Math.round(delta),
    iterations: Math.round(iterations),
    seed: drawSeed(draws),
  }),
  lower({ sigma, delta, iterations, seed }, plan) {
    const kernel = gaussian(sigma);
    const blurred = kernel.length > 1;
    if (!blurred && delta === 0) return;
    plan.filter('glassBlur', (input, output, width, height, tools) => {
      let [from, to] = [input, output];
      const swap = () => {
        [from, to] = [to, from];
      };
      const blur = () => {
        tools.separable(from, to, width, height, kernel, kernel);
        swap();
      };
      if (blurred) blur();
      for (let i = 0; i < iterations && delta > 0; i++) {
        wander(from, to, width, height, delta, fold(seedKey(seed), i));
        swap();
      }
      if (blurred && delta > 0) blur();
      if (from !== output) output.set(from);
    });
  },
});

/** Each pixel from one that is at most `delta` away. */
function wander(
  from: Uint8Array,
  to: Uint8Array,
  width: number,
  height: number,
  delta: number,
  key: Key,
): void {
  const span = 2 * delta + 1;
  for (let y = 0, o = 0; y < height; y++) {
    const { a, b } = fold(key, y);
    for (let x = 0; x < width; x++, o += 3) {
      const bits = scramble(a, b, x);
      // The high part of a product: a whole number in 0..span-1 from 16 bits.
      const u = x - delta + (((bits & 0xffff) * span) >>> 16);
      const v = y - delta + (((bits >>> 16) * span) >>> 16);
      const sx = u < 0 ? 0 : u >= width ? width - 1 : u;
      const sy = v < 0 ? 0 : v >= height ? height - 1 : v;
      const p = 3 * (sy * width + sx);
      to[o] = from[p] as number;
      to[o + 1] = from[p + 1] as number;
      to[o + 2] = from[p + 2] as number;
    }
  }
}
