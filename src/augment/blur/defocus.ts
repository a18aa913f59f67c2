import { z } from 'zod';
import type { Taps } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';

const LARGEST = 30;

/**
 * Blurs like a lens out of focus: the mean over a disc, whose rim counts pixels by the share of them that it
 * covers.
 *
 * `defocus(3)` is exactly that radius in pixels; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example defocus(3)
 */
export const defocus = defineTransform({
  name: 'defocus',
  options: z.strictObject({
    /** Of the disc, in pixels, default 1 to 5. */
    radius: interval(0, LARGEST).default([1, 5]),
  }),
  params: z.strictObject({ radius: z.number().min(0).max(LARGEST) }),
  shorthand: exactly('radius'),
  magnitude: (strength) => ({ radius: exact(6 * strength) }),
  draw: (draws, { radius }) => ({ radius: between(draws, radius) }),
  lower({ radius }, plan) {
    const taps = disc(radius);
    if (taps.length === 1) return;
    plan.filter('defocus', (input, output, width, height, tools) =>
      tools.convolve(input, output, width, height, taps),
    );
  },
});

/** Points of a pixel along each side. */
const FINE = 8;

/** The share of each pixel that lies in the disc; inside half a pixel it is the middle one alone. */
function disc(radius: number): Taps {
  const reach = Math.max(0, Math.ceil(radius - 0.5));
  const taps: [number, number, number][] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const far = Math.hypot(Math.abs(x) + 0.5, Math.abs(y) + 0.5) <= radius;
      const inside = far ? FINE * FINE : covered(x, y, radius);
      if (inside > 0) taps.push([x, y, inside]);
    }
  }
  if (taps.length === 0) return [[0, 0, 1]];
  const total = taps.reduce((sum, [, , w]) => sum + w, 0);
  return taps.map(([x, y, w]) => [x, y, w / total] as const);
}

function covered(x: number, y: number, radius: number): number {
  let inside = 0;
  for (let j = 0; j < FINE; j++) {
    for (let i = 0; i < FINE; i++) {
      const u = x + (i + 0.5) / FINE - 0.5;
      const v = y + (j + 0.5) / FINE - 0.5;
      if (u * u + v * v <= radius * radius) inside++;
    }
  }
  return inside;
}
