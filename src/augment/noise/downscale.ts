import { z } from 'zod';
import { filter, WEIGHT_BITS, type Filter as Weights } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';

const LEAST = 0.02;
const down = z.enum(['area', 'nearest']);
const up = z.enum(['bilinear', 'nearest']);

/**
 * Removes detail: shrinks the image and enlarges it again to its size. Nothing moves.
 *
 * `downscale(0.5)` keeps exactly that share of the sides; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example downscale(0.5)
 */
export const downscale = defineTransform({
  name: 'downscale',
  options: z.strictObject({
    /** Share of the sides that is kept, default 0.25 to 0.5. */
    scale: interval(LEAST, 1).default([0.25, 0.5]),
    /** How it shrinks: by the mean of the area, or by one pixel of it. */
    down: down.default('area'),
    up: up.default('nearest'),
  }),
  params: z.strictObject({ scale: z.number().min(LEAST).max(1), down, up }),
  shorthand: exactly('scale'),
  magnitude: (strength) => ({ scale: exact((1 - 0.5 * strength) ** 3) }),
  draw: (draws, { scale, down, up }) => ({ scale: between(draws, scale), down, up }),
  lower({ scale, down, up }, plan) {
    const [small, low] = [plan.width, plan.height].map((side) => Math.max(1, Math.round(side * scale))) as [
      number,
      number,
    ];
    if (small === plan.width && low === plan.height) return;
    plan.filter('downscale', (input, output, width, height, tools) => {
      const shrink = (size: number, to: number) => (down === 'area' ? area(to, size) : nearest(to, size));
      const enlarge = (size: number, from: number) =>
        up === 'bilinear'
          ? filter(size, from / size, 0, 0, from, 1, (t) => 1 - Math.abs(t))
          : nearest(size, from);
      tools.resample(input, width, height, output, shrink(width, small), shrink(height, low));
      input.set(output.subarray(0, 3 * small * low));
      const kept = input.subarray(0, 3 * small * low);
      tools.resample(kept, small, low, output, enlarge(width, small), enlarge(height, low));
    });
  },
});

/** Each output is the mean of the inputs that it covers. */
function area(size: number, from: number): Weights {
  const half = from / size / 2;
  const overlap = (t: number) => Math.min(1, half + 0.5 - Math.abs(t));
  return filter(size, from / size, 0, 0, from, half + 0.5, overlap);
}

/** Each output is the input at its center. */
function nearest(size: number, from: number): Weights {
  const first = Int32Array.from({ length: size }, (_, i) => Math.floor(((i + 0.5) * from) / size));
  const weights = Int16Array.from({ length: 2 * size }, (_, i) => (i & 1 ? 0 : 1 << WEIGHT_BITS));
  return { taps: 2, first, weights };
}
