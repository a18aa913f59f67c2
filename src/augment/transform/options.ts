/** Schemas that several transforms share. */
import { z } from 'zod';
import { type Draws, scheduled, scheduledInt } from '../../core/index.js';

/**
 * Schema of what lies outside the image: 'constant' (a color), 'edge' (the nearest pixel) or 'reflect' (mirrored).
 *
 * @example border.parse('reflect') // → 'reflect'
 */
export const border = z.enum(['constant', 'edge', 'reflect']);
/**
 * Schema of how moved pixels are read: 'nearest' or 'bilinear'.
 *
 * @example interpolation.parse('bilinear') // → 'bilinear'
 */
export const interpolation = z.enum(['nearest', 'bilinear']);
/** For upright resampling. */
export const resampling = z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']);
const level = z.number().min(0).max(255);
/**
 * Schema of a color, [R, G, B] in 0..255.
 *
 * @example color.parse([255, 0, 0]) // → [ 255, 0, 0 ]
 */
export const color = z.tuple([level, level, level]).readonly();
/**
 * Schema of one number for each channel, in any unit.
 *
 * @example channels.parse([0.5, 0.5, 0.5]) // → [ 0.5, 0.5, 0.5 ]
 */
export const channels = z.tuple([z.number(), z.number(), z.number()]).readonly();

/**
 * Schema of a range [low, high], each a number or a schedule, with low ≤ high where both are numbers.
 *
 * @example interval(0, 1).parse([0.2, 0.8]) // → [ 0.2, 0.8 ]
 */
export const interval = (min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY) =>
  rising(scheduled(min, max));

/**
 * Schema of a range [low, high] of whole numbers, each a number or a schedule.
 *
 * @example intInterval(1, 9).parse([3, 7]) // → [ 3, 7 ]
 */
export const intInterval = (min: number, max: number) => rising(scheduledInt(min, max));

const rising = (end: ReturnType<typeof scheduled>) =>
  z
    .tuple([end, end])
    .refine(([low, high]) => typeof low !== 'number' || typeof high !== 'number' || low <= high, {
      error: (issue) => `expected [low, high] with low ≤ high but received ${JSON.stringify(issue.input)}`,
    });

/**
 * Schema of a length in pixels, a whole number in 1..65535.
 *
 * @example side.parse(224) // → 224
 */
export const side = z.int().min(1).max(65535);
/**
 * Schema of a size: one side, or [height, width], in pixels.
 *
 * @example size.parse([200, 300]) // → [ 200, 300 ]
 */
export const size = z
  .union([side, z.tuple([side, side])])
  .meta({ title: 'a side or [height, width] in pixels, whole numbers in 1..65535' });

export const sides = (s: number | readonly [number, number]): [height: number, width: number] =>
  typeof s === 'number' ? [s, s] : [s[0], s[1]];

/**
 * Draws a number uniformly from a range.
 *
 * @example between(new Draws(keyOf(1)), [2, 2]) // → 2
 */
export const between = (draws: Draws, [low, high]: readonly [number, number]) => draws.uniform(low, high);

/**
 * Draws a whole number from a range, both ends included.
 *
 * @example intBetween(new Draws(keyOf(1)), [3, 3]) // → 3
 */
export function intBetween(draws: Draws, [low, high]: readonly [number, number]): number {
  const [first, last] = [Math.round(low), Math.round(high)];
  return first + draws.int(last - first + 1);
}

/** What fills a hole: a number for all channels, or one each. Its unit depends on what comes before. */
export const value = z.union([z.number(), channels]);
export const asColor = (v: number | readonly [number, number, number]): readonly [number, number, number] =>
  typeof v === 'number' ? [v, v, v] : v;

/**
 * Schema of a 64-bit key as two words, for noise that is generated while rendering.
 *
 * @example seed.parse([1, 2]) // → [ 1, 2 ]
 */
export const seed = z.tuple([z.int(), z.int()]);
/**
 * Draws a key as two words, which a draw can hold as JSON.
 *
 * @example drawSeed(new Draws(keyOf(1))).length // → 2
 */
export const drawSeed = (draws: Draws): [number, number] => [draws.u32(), draws.u32()];
/**
 * The key of two words.
 *
 * @example seedKey([1, 2]) // → { a: 1, b: 2 }
 */
export const seedKey = ([a, b]: readonly [number, number]) => ({ a, b });

/**
 * The range [−d, d].
 *
 * @example plusMinus(30) // → [ -30, 30 ]
 */
export const plusMinus = (d: number): [number, number] => [-d, d];

/**
 * Option schemas of transforms that move pixels: `interpolation` (default 'bilinear'), `border` (default
 * 'constant') and `fill` (default black).
 *
 * @example Object.keys(samplingOptions) // → [ 'interpolation', 'border', 'fill' ]
 */
export const samplingOptions = {
  interpolation: interpolation.default('bilinear'),
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
};
