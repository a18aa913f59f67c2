import { z } from 'zod';
import { Draws } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import {
  asColor,
  between,
  color,
  drawSeed,
  interval,
  plusMinus,
  seed,
  seedKey,
} from '../transform/options.js';
import { type Mask, most, overlay } from './overlay.js';

const share = z.number().min(0).max(1);

/**
 * Rain: streaks of light in one direction, near ones long and bright, far ones fine and faint, in front of a
 * darker image (after albumentations' RandomRain). Where drops fall is a function of the drawn seed.
 *
 * `rain(0.5)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example rain(0.5)
 */
export const rain = defineTransform({
  name: 'rain',
  options: z.strictObject({
    /** 1 is a downpour, default 0.2 to 0.7. */
    strength: interval(0, 1).default([0.2, 0.7]),
    /** Degrees from the vertical, default −15 to 15. */
    slant: interval(-45, 45).default(plusMinus(15)),
    /** Of the nearest streaks, as a share of the shorter side, default 0.08 to 0.2. */
    length: interval(0, 1).default([0.08, 0.2]),
    /** Factor of the brightness of the image, default 0.7 to 0.95. */
    brightness: interval(0, 1).default([0.7, 0.95]),
    color: color.default([205, 210, 215]),
  }),
  params: z.strictObject({
    strength: share,
    slant: z.number().min(-45).max(45),
    length: share,
    brightness: share,
    color: color,
    seed,
  }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (s) => ({ strength: exact(s), brightness: exact(1 - 0.35 * s) }),
  draw: (draws, { strength, slant, length, brightness, color }) => ({
    strength: between(draws, strength),
    slant: between(draws, slant),
    length: between(draws, length),
    brightness: between(draws, brightness),
    color,
    seed: drawSeed(draws),
  }),
  lower({ strength, slant, length, brightness, color, seed }, plan) {
    if (brightness !== 1) plan.lookUp((v) => v * brightness + 0.5);
    if (strength === 0 || length === 0) return;
    overlay(plan, 'rain', asColor(color), (mask) =>
      streaks(mask, new Draws(seedKey(seed)), strength, slant, length),
    );
  },
});

/** Streaks on a square image at strength 1. */
const MOST = 1500;
/** The least width, in pixels. */
const FINEST = 0.6;

function streaks(mask: Mask, draws: Draws, strength: number, slant: number, length: number): void {
  const { width, height } = mask;
  const side = Math.min(width, height);
  const drift = Math.tan((slant * Math.PI) / 180);
  // Where a far streak would be finer than can be drawn, there are fewer.
  const fine = Math.min(1, (0.003 * side) / FINEST);
  const count = Math.round((strength * fine * MOST * width * height) / (side * side));
  for (let i = 0; i < count; i++) {
    // Few are near: depth is the square of a uniform number.
    const near = draws.uniform() ** 2;
    const long = Math.max(2, side * length * (0.25 + 0.75 * near));
    const wide = Math.max(FINEST, side * (0.002 + 0.006 * near));
    const strength = 70 + 120 * near;
    const x = draws.uniform(-Math.abs(drift) * height, width + Math.abs(drift) * height);
    const y = draws.uniform(-long, height);
    streak(mask, x, y, long, wide, drift, strength);
  }
}

/** A slender drop that fades in from above; its coverage of each pixel along x is exact. */
function streak(
  { data, width, height }: Mask,
  x0: number,
  y0: number,
  long: number,
  wide: number,
  drift: number,
  strength: number,
): void {
  for (let y = Math.max(0, Math.ceil(y0)); y < Math.min(height, y0 + long); y++) {
    const t = (y - y0) / long;
    const half = (wide / 2) * (0.4 + 0.6 * t);
    const middle = x0 + drift * (y - y0);
    const peak = strength * Math.min(1, 1.6 * t) * Math.min(1, 6 * (1 - t));
    const last = Math.min(width - 1, Math.floor(middle + half));
    for (let x = Math.max(0, Math.floor(middle - half)); x <= last; x++) {
      const covered = Math.min(middle + half, x + 1) - Math.max(middle - half, x);
      most(data, y * width + x, peak * Math.min(1, covered));
    }
  }
}
