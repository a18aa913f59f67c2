/** Sizes of kernels: odd, because a kernel needs a middle. */
import { z } from 'zod';
import type { Draws } from '../../core/index.js';
import { intInterval } from '../transform/options.js';

/** [low, high] in 1..max, from which an odd number is drawn; 1 leaves the image as it is. */
export const oddRange = (max: number) => intInterval(1, max);

/** As a draw holds it. */
export const oddSize = (max: number) =>
  z
    .int()
    .min(1)
    .max(max)
    .refine((n) => n % 2 === 1, 'expected an odd number');

/** An odd whole number in [low, high], all equally likely; where there is none, the nearest to the middle. */
export function drawOdd(draws: Draws, [low, high]: readonly [number, number]): number {
  const first = 2 * Math.ceil((low - 1) / 2) + 1;
  const last = 2 * Math.floor((high - 1) / 2) + 1;
  const picked = draws.int(Math.max(1, (last - first) / 2 + 1));
  return first <= last ? first + 2 * picked : 2 * Math.round(((low + high) / 2 - 1) / 2) + 1;
}

/** Offsets of a 3 × 3 neighborhood, row by row. */
export const NEIGHBORHOOD_3X3: readonly (readonly [number, number])[] = [-1, 0, 1].flatMap((y) =>
  [-1, 0, 1].map((x) => [x, y] as const),
);
