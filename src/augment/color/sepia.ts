import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactlyWithin } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';
import { lowerMatrix } from './color-matrix.js';

const SEPIA = [0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0];
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/**
 * The brown of old prints: the usual sepia matrix M of image editors, blended in by a strength s: out = x + s·(M·x
 * − x).
 *
 * `sepia(0.8)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example sepia(0.8)
 */
export const sepia = defineTransform({
  name: 'sepia',
  options: z.strictObject({
    /** 0 is the image, 1 all brown; default 0.5 to 1. */
    strength: interval(0, 1).default([0.5, 1]),
  }),
  params: z.strictObject({ strength: z.number().min(0).max(1) }),
  p: 0.5,
  shorthand: exactlyWithin('sepia', 'strength', 0, 1),
  magnitude: (s) => ({ strength: [s, s] as [number, number] }),
  draw: (draws, { strength }) => ({ strength: between(draws, strength) }),
  lower({ strength }, plan) {
    if (strength === 0) return;
    lowerMatrix(
      SEPIA.map((v, i) => (IDENTITY[i] as number) * (1 - strength) + v * strength),
      plan,
    );
  },
});
