import { z } from 'zod';
import { Draws } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';
import { type Mask, overlay, smoothStep } from './overlay.js';

const share = z.number().min(0).max(1);
const liquid = z.enum(['mud', 'water']);

/**
 * Drops on the lens, of mud or of water (after Hendrycks and Dietterich, 2019). Bumps of many sizes are added up;
 * where the sum is high there is liquid, so near drops run into one another. Where drops are is a function of the
 * drawn seed.
 *
 * `spatter(0.4)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example spatter({ strength: [0.3, 0.5], liquid: ['water'] })
 */
export const spatter = defineTransform({
  name: 'spatter',
  options: z.strictObject({
    /** 1 covers about a third of the image, default 0.2 to 0.6. */
    strength: interval(0, 1).default([0.2, 0.6]),
    /** One of these. */
    liquid: z.array(liquid).min(1).default(['mud', 'water']),
    /** Radius of the largest drops, as a share of the shorter side, default 0.03 to 0.06. */
    size: interval(0.005, 0.3).default([0.03, 0.06]),
  }),
  params: z.strictObject({ strength: share, liquid, size: z.number().min(0.005).max(0.3), seed }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (strength) => ({ strength: exact(strength), liquid: ['mud' as const] }),
  draw: (draws, { strength, liquid, size }) => ({
    strength: between(draws, strength),
    liquid: draws.choice(liquid),
    size: between(draws, size),
    seed: drawSeed(draws),
  }),
  lower({ strength, liquid, size, seed }, plan) {
    if (strength === 0) return;
    let made: Float32Array | undefined;
    const depth = ({ width, height }: Mask) => {
      made ??= drops(new Draws(seedKey(seed)), strength, size, width, height);
      return made;
    };
    if (liquid === 'mud') {
      overlay(plan, 'spatter: mud', [63, 42, 20], (mask) =>
        paint(mask, depth(mask), (d) => 235 * smoothStep(0.35, 0.6, d)),
      );
      return;
    }
    // Water dims a little where it is deep, and shines where its surface faces the light.
    overlay(plan, 'spatter: water', [150, 165, 175], (mask) =>
      paint(mask, depth(mask), (d) => 110 * smoothStep(0.35, 0.6, d)),
    );
    overlay(plan, 'spatter: shine', [255, 255, 255], (mask) => shine(mask, depth(mask)));
  },
});

/** Drops on a square image at strength 1. */
const MOST = 320;

/** [H, W]: how deep the liquid is; above about 0.5 it can be seen. */
function drops(draws: Draws, strength: number, size: number, width: number, height: number): Float32Array {
  const depth = new Float32Array(width * height);
  const side = Math.min(width, height);
  const scale = 0.03 / size;
  const count = Math.round((strength * MOST * Math.min(4, scale * scale) * width * height) / (side * side));
  for (let i = 0; i < count; i++) {
    const radius = Math.max(1, 2 * side * size * (0.2 + 0.8 * draws.uniform() ** 3));
    bump(depth, width, height, draws.uniform(0, width), draws.uniform(0, height), radius);
  }
  return depth;
}

/** (1 − (d/r)²)² inside the radius. */
function bump(
  depth: Float32Array,
  width: number,
  height: number,
  cx: number,
  cy: number,
  radius: number,
): void {
  const scale = 1 / (radius * radius);
  for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(height, cy + radius); y++) {
    for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(width, cx + radius); x++) {
      const t = 1 - ((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2) * scale;
      if (t > 0) depth[y * width + x]! += t * t;
    }
  }
}

function paint({ data }: Mask, depth: Float32Array, opacity: (depth: number) => number): void {
  for (let i = 0; i < data.length; i++) if ((depth[i] as number) > 0) data[i] = opacity(depth[i] as number);
}

/** Light from the upper left on the slopes of the drops. */
function shine({ data, width, height }: Mask, depth: Float32Array): void {
  const body = (x: number, y: number) => smoothStep(0.35, 0.6, depth[y * width + x] as number);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = body(x, y);
      if (here === 0) continue;
      const rise = here - body(Math.max(0, x - 1), Math.max(0, y - 1));
      data[y * width + x] = Math.max(0, 230 * Math.min(1, rise));
    }
  }
}
