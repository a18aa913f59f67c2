import { z } from 'zod';
import type { Draws } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, intBetween, interval, intInterval } from '../transform/options.js';
import { type Mask, overlay, soften } from './overlay.js';

const share = z.number().min(0).max(1);
type Point = [x: number, y: number];

/**
 * Shadows: polygons with soft edges in which light is lost, out = x·(1 − strength·s) (after albumentations'
 * RandomShadow). Corners go round a middle, so no polygon crosses itself.
 *
 * `shadow(0.5)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example shadow(0.5)
 */
export const shadow = defineTransform({
  name: 'shadow',
  options: z.strictObject({
    /** Share of the light that is lost, default 0.3 to 0.7. */
    strength: interval(0, 1).default([0.3, 0.7]),
    /** How many, default 1 to 2. */
    shadows: intInterval(0, 16).default([1, 2]),
    /** Of each polygon, default 5. */
    corners: z.int().min(3).max(16).default(5),
    /** The part [x0, y0, x1, y1] of the image, as shares, where middles lie; default all of it. */
    region: z.tuple([share, share, share, share]).readonly().default([0, 0, 1, 1]),
    /** Width of the edges, as a share of the shorter side, default 0.01 to 0.05. */
    softness: interval(0, 0.5).default([0.01, 0.05]),
  }),
  params: z.strictObject({
    strength: share,
    /** Corners as shares of width and height; they may lie outside. */
    polygons: z.array(z.array(z.tuple([z.number(), z.number()])).min(3)),
    softness: z.number().min(0).max(0.5),
  }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (strength) => ({ strength: exact(0.85 * strength), shadows: exact(2) }),
  draw(draws, { strength, shadows, corners, region, softness }) {
    const count = intBetween(draws, shadows);
    return {
      strength: between(draws, strength),
      polygons: Array.from({ length: count }, () => polygon(draws, corners, region)),
      softness: between(draws, softness),
    };
  },
  lower({ strength, polygons, softness }, plan) {
    if (strength === 0 || polygons.length === 0) return;
    overlay(plan, 'shadow', [0, 0, 0], (mask) => {
      const { data, width, height } = mask;
      for (const corners of polygons) fill(mask, corners);
      soften(mask, Math.round((softness * Math.min(width, height)) / 2));
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * strength + 0.5;
    });
  },
});

function polygon(draws: Draws, corners: number, region: readonly number[]): Point[] {
  const [x0, y0, x1, y1] = region as [number, number, number, number];
  const [cx, cy] = [draws.uniform(x0, x1), draws.uniform(y0, y1)];
  const turn = draws.uniform();
  return Array.from({ length: corners }, (_, i): Point => {
    const angle = ((i + turn + draws.uniform(-0.4, 0.4)) / corners) * 2 * Math.PI;
    const reach = draws.uniform(0.15, 0.5);
    return [cx + reach * Math.cos(angle), cy + reach * Math.sin(angle)];
  });
}

/** Lines a row is cut into. */
const FINE = 4;

/** What a polygon covers of each pixel, exact along x, where that is more than what was there. */
function fill({ data, width, height }: Mask, corners: readonly Point[]): void {
  const points = corners.map(([x, y]): Point => [x * width, y * height]);
  const line = new Float32Array(width + 1);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let k = 0; k < FINE; k++) {
      const crossings = cross(points, y + (k + 0.5) / FINE);
      for (let i = 0; i + 1 < crossings.length; i += 2)
        span(line, crossings[i] as number, crossings[i + 1] as number, width);
    }
    for (let x = 0; x < width; x++) {
      const covered = (255 / FINE) * (line[x] as number) + 0.5;
      if (covered > (data[y * width + x] as number)) data[y * width + x] = covered;
    }
  }
}

function cross(points: readonly Point[], y: number): number[] {
  const found: number[] = [];
  points.forEach(([ax, ay], i) => {
    const [bx, by] = points[(i + 1) % points.length] as Point;
    if (ay <= y !== by <= y) found.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
  });
  return found.sort((a, b) => a - b);
}

function span(line: Float32Array, from: number, to: number, width: number): void {
  const [low, high] = [Math.max(0, from), Math.min(width, to)];
  for (let x = Math.floor(low); x < high; x++) line[x]! += Math.min(high, x + 1) - Math.max(low, x);
}
