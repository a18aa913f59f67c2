import { z } from 'zod';
import { Draws } from '../../core/index.js';
import { luma } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, plusMinus, seed, seedKey } from '../transform/options.js';
import { type Mask, most, overlay, smoothStep } from './overlay.js';

const share = z.number().min(0).max(1);

/**
 * Snow: soft flakes, near ones large and blurred, far ones fine, drawn out along their fall; and a paler image,
 * bright areas most: x + whiten·(max(x, 1.5·luma + 127) − x), as in Hendrycks and Dietterich (2019). Where flakes
 * fall is a function of the drawn seed.
 *
 * `snow(0.5)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example snow(0.5)
 */
export const snow = defineTransform({
  name: 'snow',
  options: z.strictObject({
    /** 1 is a storm, default 0.2 to 0.7. */
    strength: interval(0, 1).default([0.2, 0.7]),
    /** Degrees from the vertical, default −40 to 40. */
    slant: interval(-60, 60).default(plusMinus(40)),
    /** Radius of the nearest flakes, as a share of the shorter side, default 0.01 to 0.02. */
    size: interval(0, 0.2).default([0.01, 0.02]),
    /** Default 0.1 to 0.4. */
    whiten: interval(0, 1).default([0.1, 0.4]),
  }),
  params: z.strictObject({
    strength: share,
    slant: z.number().min(-60).max(60),
    size: z.number().min(0).max(0.2),
    whiten: share,
    seed,
  }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (s) => ({ strength: exact(s), whiten: exact(0.5 * s) }),
  draw: (draws, { strength, slant, size, whiten }) => ({
    strength: between(draws, strength),
    slant: between(draws, slant),
    size: between(draws, size),
    whiten: between(draws, whiten),
    seed: drawSeed(draws),
  }),
  lower({ strength, slant, size, whiten, seed }, plan) {
    if (whiten > 0) plan.row('snow: whiten', (row) => pale(row, Math.round(whiten * 256)));
    if (strength === 0 || size === 0) return;
    overlay(plan, 'snow', [250, 252, 255], (mask) =>
      flakes(mask, new Draws(seedKey(seed)), strength, slant, size),
    );
  },
});

/** `share` of 256. */
function pale(row: Uint8Array, share: number): void {
  for (let i = 0; i < row.length; i += 3) {
    const [r, g, b] = [row[i] as number, row[i + 1] as number, row[i + 2] as number];
    const white = Math.min(255, ((3 * luma(r, g, b)) >> 1) + 127);
    if (white > r) row[i]! += ((white - r) * share + 128) >> 8;
    if (white > g) row[i + 1]! += ((white - g) * share + 128) >> 8;
    if (white > b) row[i + 2]! += ((white - b) * share + 128) >> 8;
  }
}

/** Flakes on a square image at strength 1. */
const MOST = 1200;
/** The least radius, in pixels. */
const FINEST = 0.7;

function flakes(mask: Mask, draws: Draws, strength: number, slant: number, size: number): void {
  const { width, height } = mask;
  const side = Math.min(width, height);
  const [dx, dy] = [Math.sin((slant * Math.PI) / 180), Math.cos((slant * Math.PI) / 180)];
  // Where a far flake would be finer than can be drawn, there are fewer.
  const fine = Math.min(1, (0.3 * side * size) / FINEST) ** 2;
  const count = Math.round((strength * fine * MOST * width * height) / (side * side));
  for (let i = 0; i < count; i++) {
    const near = draws.uniform() ** 3;
    const radius = Math.max(FINEST, side * size * (0.3 + 0.7 * near));
    const stretch = draws.uniform(1, 2.2);
    // Far flakes are crisp; near ones are out of focus.
    const core = 0.6 - 0.5 * near;
    const strength = draws.uniform(150, 250);
    flake(mask, draws.uniform(0, width), draws.uniform(0, height), radius, stretch, core, strength, dx, dy);
  }
}

/** A soft ellipse, `stretch` times as long along (dx, dy) as it is wide. */
function flake(
  { data, width, height }: Mask,
  cx: number,
  cy: number,
  radius: number,
  stretch: number,
  core: number,
  strength: number,
  dx: number,
  dy: number,
): void {
  const reach = radius * stretch;
  for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++) {
    for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++) {
      const [u, v] = [x + 0.5 - cx, y + 0.5 - cy];
      const along = (u * dx + v * dy) / reach;
      const across = (u * dy - v * dx) / radius;
      const d = Math.hypot(along, across);
      if (d < 1) most(data, y * width + x, strength * (1 - smoothStep(core, 1, d)));
    }
  }
}
