/**
 * Blurs along a straight line, as a camera that moves during the exposure does. The weights along the line rise
 * or fall with `direction`, as in Kornia: 0 weighs its points alike, −1 and 1 let one end fade out.
 */
import { z } from 'zod';
import type { Taps } from '../kernels/index.js';
import { exact, exactly } from './exact.js';
import { between, interval, plusMinus } from './options.js';
import { defineTransform } from './transform.js';

const LONGEST = 99;

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

/** A line through the middle: a pixel's worth of points, each shared by the four pixels around it. */
function line(length: number, angle: number, direction: number): Taps {
  const reach = Math.max(0, length - 1) / 2;
  const [c, s] = [Math.cos((angle * Math.PI) / 180), -Math.sin((angle * Math.PI) / 180)];
  const points = Math.max(1, 4 * Math.ceil(2 * reach) + 1);
  const weights = new Map<number, number>();
  for (let i = 0; i < points; i++) {
    const t = points === 1 ? 0 : (2 * i) / (points - 1) - 1;
    const [x, y] = [round(t * reach * c), round(t * reach * s)];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const weight = (1 + direction * t) / points;
    for (const [dx, wx] of [
      [left, 1 - (x - left)],
      [left + 1, x - left],
    ] as const) {
      for (const [dy, wy] of [
        [top, 1 - (y - top)],
        [top + 1, y - top],
      ] as const) {
        const key = 256 * (dy + 128) + dx + 128;
        weights.set(key, (weights.get(key) ?? 0) + weight * wx * wy);
      }
    }
  }
  const total = [...weights.values()].reduce((sum, w) => sum + w, 0);
  return [...weights]
    .filter(([, w]) => w > 1e-9)
    .map(([key, w]) => [(key & 255) - 128, (key >> 8) - 128, w / total] as const);
}

/** cos 90° is not quite nothing. */
const round = (t: number) => Math.round(t * 1e9) / 1e9;
