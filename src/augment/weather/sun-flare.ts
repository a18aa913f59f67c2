import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { asColor, between, color, intBetween, interval, intInterval } from '../transform/options.js';
import { smoothStep } from './overlay.js';

const share = z.number().min(0).max(1);

const ghost = z.strictObject({
  /** On the line: 0 the sun, 1 the middle of the image, 2 as far beyond it. */
  at: z.number(),
  /** As a share of the shorter side. */
  radius: share,
  color: color,
  strength: share,
});
type Ghost = z.output<typeof ghost>;

/**
 * The sun in the lens (after albumentations' RandomSunFlare): a glow with rays, and ghosts in a line with it
 * through the middle of the image. Light adds up as on a screen: out = 255 − (255 − x)·(255 − light)/255.
 *
 * `sunFlare(0.6)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example sunFlare(0.6)
 */
export const sunFlare = defineTransform({
  name: 'sunFlare',
  options: z.strictObject({
    /** Default 0.4 to 0.9. */
    strength: interval(0, 1).default([0.4, 0.9]),
    /** The part [x0, y0, x1, y1] of the image, as shares, where the sun is; default the upper half. */
    region: z.tuple([share, share, share, share]).readonly().default([0, 0, 1, 0.5]),
    /** Of the glow, as a share of the shorter side, default 0.2 to 0.5. */
    radius: interval(0, 2).default([0.2, 0.5]),
    /** How many, default 3 to 7. */
    ghosts: intInterval(0, 32).default([3, 7]),
    color: color.default([255, 246, 224]),
  }),
  params: z.strictObject({
    strength: share,
    x: share,
    y: share,
    radius: z.number().min(0).max(2),
    /** Degrees of the first of six rays. */
    rays: z.number(),
    color: color,
    ghosts: z.array(ghost),
  }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (strength) => ({ strength: exact(strength) }),
  draw(draws, { strength, region, radius, ghosts, color }) {
    const [x0, y0, x1, y1] = region;
    const count = intBetween(draws, ghosts);
    return {
      strength: between(draws, strength),
      x: draws.uniform(x0, x1),
      y: draws.uniform(y0, y1),
      radius: between(draws, radius),
      rays: draws.uniform(0, 60),
      color,
      ghosts: Array.from({ length: count }, () => ({
        at: draws.uniform(0.3, 2.2),
        radius: draws.uniform(0.01, 0.1),
        color: [0, 1, 2].map((): number => Math.round(draws.uniform(90, 255))) as [number, number, number],
        strength: draws.uniform(0.15, 0.5),
      })),
    };
  },
  lower({ strength, x, y, radius, rays, color, ghosts }, plan) {
    if (strength === 0) return;
    const { width, height } = plan;
    let light: Uint8Array | undefined;
    plan.row('sunFlare', (row, line) => {
      if (!light) {
        light = new Uint8Array(3 * width * height);
        const side = Math.min(width, height);
        const canvas = { light, width, height };
        const [cx, cy] = [x * width, y * height];
        for (const each of ghosts) {
          const [gx, gy] = [cx + each.at * (width / 2 - cx), cy + each.at * (height / 2 - cy)];
          disc(canvas, gx, gy, each.radius * side, each, strength);
        }
        glow(canvas, cx, cy, Math.max(1, radius * side), rays, asColor(color), strength);
      }
      for (let i = 0, o = 3 * width * line; i < row.length; i++, o++) {
        const l = light[o] as number;
        if (l !== 0) row[i] = 255 - (((255 - (row[i] as number)) * (255 - l) * 257 + 32768) >> 16);
      }
    });
  },
});

/** [H, W, 3] of light. */
interface Canvas {
  readonly light: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Entries of the tables of what light there is at a distance, up to `REACH` radii. */
const FINE = 256;
const REACH = 4;

/** A core, a halo and six rays, three lines through the sun. */
function glow(
  { light, width, height }: Canvas,
  cx: number,
  cy: number,
  radius: number,
  rays: number,
  [r, g, b]: readonly [number, number, number],
  intensity: number,
): void {
  const fade = (t: number) => 1 - smoothStep(0.5, 1, t / REACH);
  const table = (f: (t: number) => number) =>
    Float32Array.from({ length: FINE + 2 }, (_, i) => f((i * REACH) / FINE) * fade((i * REACH) / FINE));
  const halo = table((t) => 1.15 * Math.exp(-((2.2 * t) ** 2)) + 0.35 * Math.exp(-1.6 * t));
  const along = table((t) => 0.9 * Math.exp(-1.1 * t));
  const lines = new Float64Array(6);
  for (let k = 0; k < 3; k++) {
    const angle = ((rays + 60 * k) * Math.PI) / 180;
    lines[2 * k] = Math.cos(angle);
    lines[2 * k + 1] = Math.sin(angle);
  }
  const scale = FINE / (REACH * radius);
  const reach = REACH * radius;
  const thin = 1 / (0.035 * radius + 0.5);
  for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++) {
    for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++) {
      const [u, v] = [x + 0.5 - cx, y + 0.5 - cy];
      const d = Math.sqrt(u * u + v * v);
      if (d >= reach) continue;
      const at = Math.floor(d * scale);
      let ray = 0;
      const narrow = thin * (0.5 + d / radius); // wide near the sun, ending in points
      for (let k = 0; k < 6; k += 2) {
        const off = Math.abs(u * (lines[k + 1] as number) - v * (lines[k] as number)) * narrow;
        if (off < 1) ray += (1 - off) * (1 - off);
      }
      const value = intensity * ((halo[at] as number) + ray * (along[at] as number));
      const o = 3 * (y * width + x);
      light[o] = Math.min(255, (light[o] as number) + r * value);
      light[o + 1] = Math.min(255, (light[o + 1] as number) + g * value);
      light[o + 2] = Math.min(255, (light[o + 2] as number) + b * value);
    }
  }
}

/** A reflection in the lens: an even disc, brighter towards its rim. */
function disc(
  { light, width, height }: Canvas,
  cx: number,
  cy: number,
  radius: number,
  { color: [r, g, b], strength }: Ghost,
  intensity: number,
): void {
  const reach = radius + 1;
  for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++) {
    for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++) {
      const d = Math.hypot(x + 0.5 - cx, y + 0.5 - cy);
      const rim = 0.6 + 0.4 * smoothStep(0.6, 1, d / radius);
      const value = intensity * strength * rim * (1 - smoothStep(radius - 1, radius + 1, d));
      const o = 3 * (y * width + x);
      light[o] = Math.min(255, (light[o] as number) + r * value);
      light[o + 1] = Math.min(255, (light[o + 1] as number) + g * value);
      light[o + 2] = Math.min(255, (light[o + 2] as number) + b * value);
    }
  }
}
