import { z } from 'zod';
import type { Taps } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval, plusMinus } from '../transform/options.js';

const LONGEST = 99;

/**
 * Blurs along a straight line, like a camera that moves during the exposure. The weights along the line rise or
 * fall with `direction`, as in Kornia: at 0 all points count alike, at −1 and 1 one end fades out.
 *
 * `motionBlur(9)` is exactly that length in pixels; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example motionBlur(9)
 */
export const motionBlur = defineTransform({
  name: 'motionBlur',
  options: z.strictObject({
    /** Of the line, in pixels, default 3 to 11. */
    length: interval(0, LONGEST).default([3, 11]),
    /** Degrees, counter-clockwise from the x axis, default any. */
    angle: interval(-360, 360).default(plusMinus(180)),
    direction: interval(-1, 1).default([0, 0]),
  }),
  params: z.strictObject({
    length: z.number().min(0).max(LONGEST),
    angle: z.number(),
    direction: z.number().min(-1).max(1),
  }),
  shorthand: exactly('length'),
  magnitude: (strength) => ({ length: exact(15 * strength) }),
  draw: (draws, { length, angle, direction }) => ({
    length: between(draws, length),
    angle: between(draws, angle),
    direction: between(draws, direction),
  }),
  lower({ length, angle, direction }, plan) {
    const taps = line(length, angle, direction);
    if (taps.length === 1) return;
    plan.filter('motionBlur', (input, output, width, height, tools) =>
      tools.convolve(input, output, width, height, taps),
    );
  },
});

/**
 * A line through the middle, a pixel wide along its main axis: each pixel on that axis weighs what the line covers
 * of it, and is shared by the two pixels across that the line passes between.
 */
function line(length: number, angle: number, direction: number): Taps {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), -Math.sin((angle * Math.PI) / 180)];
  const upright = Math.abs(s) > Math.abs(c);
  const [main, slope] = upright ? [s, c / s] : [c, s / c];
  const half = (length * Math.abs(main)) / 2;
  const taps: [number, number, number][] = [];
  for (let m = -Math.floor(half + 0.5); m <= half + 0.5; m++) {
    const [from, to] = [Math.max(-half, m - 0.5), Math.min(half, m + 0.5)];
    if (to <= from) continue;
    const weight = (to - from) * (1 + (direction * Math.sign(main) * (from + to)) / 2 / half);
    const across = Math.round(m * slope * 1e9) / 1e9; // cos 90° is not quite nothing
    const below = Math.floor(across);
    for (const [n, share] of [
      [below, 1 - (across - below)],
      [below + 1, across - below],
    ] as const) {
      if (weight * share > 0) taps.push(upright ? [n, m, weight * share] : [m, n, weight * share]);
    }
  }
  const total = taps.reduce((sum, [, , w]) => sum + w, 0);
  return total > 0 ? taps.map(([dx, dy, w]) => [dx, dy, w / total] as const) : [[0, 0, 1]];
}
