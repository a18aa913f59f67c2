/** Schemas that several transforms share. */
import { z } from 'zod';
import { type Draws, scheduled, scheduledInt } from '../../core/index.js';

export const border = z.enum(['constant', 'edge', 'reflect']);
export const interpolation = z.enum(['nearest', 'bilinear']);
/** For upright resampling. */
export const resampling = z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']);
const level = z.number().min(0).max(255);
/** [R, G, B] in 0..255. */
export const color = z.tuple([level, level, level]).readonly();
/** One number a channel, in any unit. */
export const channels = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** [low, high], each a number or a schedule, with low ≤ high where both are numbers. */
export const interval = (min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY) =>
  rising(scheduled(min, max));

/** The same of whole numbers. */
export const intInterval = (min: number, max: number) => rising(scheduledInt(min, max));

const rising = (end: ReturnType<typeof scheduled>) =>
  z
    .tuple([end, end])
    .refine(([low, high]) => typeof low !== 'number' || typeof high !== 'number' || low <= high, {
      error: (issue) => `expected [low, high] with low ≤ high but received ${JSON.stringify(issue.input)}`,
    });

/** A length in pixels. */
export const side = z.int().min(1).max(65535);
/** A side or [height, width], in pixels. */
export const size = z
  .union([side, z.tuple([side, side])])
  .meta({ title: 'a side or [height, width] in pixels, whole numbers in 1..65535' });

export const sides = (s: number | readonly [number, number]): [height: number, width: number] =>
  typeof s === 'number' ? [s, s] : [s[0], s[1]];

/** Uniform in an interval. */
export const between = (draws: Draws, [low, high]: readonly [number, number]) => draws.uniform(low, high);

/** A whole number of an interval, both ends included. */
export function intBetween(draws: Draws, [low, high]: readonly [number, number]): number {
  const [first, last] = [Math.round(low), Math.round(high)];
  return first + draws.int(last - first + 1);
}

/** What fills a hole: a number for all channels, or one each. Its unit depends on what comes before. */
export const value = z.union([z.number(), channels]);
export const asColor = (v: number | readonly [number, number, number]): readonly [number, number, number] =>
  typeof v === 'number' ? [v, v, v] : v;

/** A 64-bit key as two words, for noise that is made while rendering. */
export const seed = z.tuple([z.int(), z.int()]);
export const drawSeed = (draws: Draws): [number, number] => [draws.u32(), draws.u32()];
export const seedKey = ([a, b]: readonly [number, number]) => ({ a, b });

/** ±d as an interval. */
export const plusMinus = (d: number): [number, number] => [-d, d];

/** How pixels that move are read: how they are interpolated, and what lies outside the image. */
export const samplingOptions = {
  interpolation: interpolation.default('bilinear'),
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
};
