import { z } from 'zod';
import { addNoise, tablesOf, UNIFORM } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';

const MOST = 4;
const factor = z.number().min(0).max(MOST);

/**
 * Multiplies by factors from a uniform distribution: one for the whole image, one for each channel, or, with
 * `elementwise`, one for each pixel or each value (albumentations' MultiplicativeNoise). Rounded and clipped.
 *
 * Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example multiplicativeNoise({ multiplier: [0.8, 1.2], elementwise: true })
 */
export const multiplicativeNoise = defineTransform({
  name: 'multiplicativeNoise',
  options: z.strictObject({
    /** Of the factors, default 0.9 to 1.1. */
    multiplier: interval(0, MOST).default([0.9, 1.1]),
    perChannel: z.boolean().default(false),
    elementwise: z.boolean().default(false),
  }),
  params: z.strictObject({
    /** By channel; left out where every element has its own. */
    factors: z.tuple([factor, factor, factor]).optional(),
    elements: z
      .strictObject({ multiplier: z.tuple([factor, factor]), perChannel: z.boolean(), seed })
      .optional(),
  }),
  magnitude: (s) => ({
    multiplier: [1 - 0.6 * s, 1 + 0.6 * s] as [number, number],
    perChannel: true,
    elementwise: true,
  }),
  draw(draws, { multiplier, perChannel, elementwise }) {
    if (elementwise) {
      const [low, high] = multiplier;
      return { elements: { multiplier: [low, high] as [number, number], perChannel, seed: drawSeed(draws) } };
    }
    const first = between(draws, multiplier);
    const factors = perChannel
      ? [first, between(draws, multiplier), between(draws, multiplier)]
      : [...exact(first), first];
    return { factors: factors as [number, number, number] };
  },
  lower({ factors, elements }, plan) {
    if (factors?.some((f) => f !== 1)) plan.lookUp(tablesOf((v, c) => v * (factors[c] as number) + 0.5));
    if (!elements) return;
    const [low, high] = elements.multiplier;
    if (low === 1 && high === 1) return;
    const { run, fast } = addNoise({
      key: seedKey(elements.seed),
      quantiles: UNIFORM,
      base: (v) => (v * (low + high)) / 2,
      spread: (v) => (v * (high - low)) / 2,
      shared: !elements.perChannel,
    });
    plan.row('multiplicativeNoise', run, fast);
  },
});
