import { z } from 'zod';
import { addNoise, normalQuantiles } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';

/**
 * Noise of a sensor at high sensitivity: grain that all channels share, and colored specks. In linear light L the
 * variance is gain·(L + dark), from photons and electronics (Foi et al., "Practical Poissonian-Gaussian noise
 * modeling and fitting", 2008); the curve of sRGB makes it strongest in the shadows. Noise is a function of the
 * drawn seed and the place: a replay gives the same bytes.
 *
 * Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example isoNoise({ strength: [0.05, 0.05] })
 */
export const isoNoise = defineTransform({
  name: 'isoNoise',
  options: z.strictObject({
    /** Deviation of the grain in middle gray, in units of the full range, default 0.02 to 0.08. */
    strength: interval(0, 1).default([0.02, 0.08]),
    /** The same of the colors, default 0.01 to 0.05. */
    color: interval(0, 1).default([0.01, 0.05]),
  }),
  params: z.strictObject({
    strength: z.number().min(0).max(1),
    color: z.number().min(0).max(1),
    seed,
  }),
  magnitude: (s) => ({ strength: exact(0.15 * s), color: exact(0.1 * s) }),
  draw: (draws, { strength, color }) => ({
    strength: between(draws, strength),
    color: between(draws, color),
    seed: drawSeed(draws),
  }),
  lower({ strength, color, seed: [a, b] }, plan) {
    for (const [deviation, shared] of [
      [strength, true],
      [color, false],
    ] as const) {
      if (deviation === 0) continue;
      const { run, fast } = addNoise({
        key: seedKey([a, shared ? b : ~b]),
        quantiles: normalQuantiles(),
        base: (v) => v,
        spread: (v) => Math.min(255, 255 * deviation * (RELATIVE[v] as number)),
        shared,
      });
      plan.row(shared ? 'isoNoise: grain' : 'isoNoise: color', run, fast);
    }
  },
});

/** Variance of what the electronics add, relative to that of the photons of white. */
const DARK = 2e-3;

/** Deviation in sRGB by value, with a small deviation in linear light carried through the slope of the curve. */
const deviationOf = (v: number): number => {
  const s = v / 255;
  const linear = s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  const slope = s <= 0.04045 ? 12.92 : (1.055 / 2.4) * linear ** (1 / 2.4 - 1);
  return slope * Math.sqrt(linear + DARK);
};

const RELATIVE = Float64Array.from({ length: 256 }, (_, v) => deviationOf(v) / deviationOf(128));
