import { z } from 'zod';
import {
  addNoise,
  normalQuantiles,
  type Outcomes,
  pick,
  poissonWeights,
  type RowStep,
} from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';

/** With more photons in white than this, their number is as good as normally distributed. */
const MANY = 500;

/**
 * Grain of light: a value x in [0, 1] becomes Poisson(x / scale) · scale, as if white were 1/scale photons
 * (Hendrycks and Dietterich, 2019, who take 60 to 3 photons). Noise is a function of the drawn seed and the place:
 * a replay gives the same bytes.
 *
 * `shotNoise(0.05)` is exactly that scale; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example shotNoise(0.05)
 */
export const shotNoise = defineTransform({
  name: 'shotNoise',
  options: z.strictObject({
    /** Of one photon in the full range, default 0.01 to 0.1. */
    scale: interval(0, 1).default([0.01, 0.1]),
  }),
  params: z.strictObject({ scale: z.number().min(0).max(1), seed }),
  shorthand: exactly('scale'),
  magnitude: (strength) => ({ scale: exact(0.25 * strength) }),
  draw: (draws, { scale }) => ({ scale: between(draws, scale), seed: drawSeed(draws) }),
  lower({ scale, seed }, plan) {
    if (scale === 0) return;
    const key = seedKey(seed);
    if (scale * MANY < 1) {
      const spread = (v: number) => Math.sqrt(255 * v * scale);
      const { run, fast } = addNoise({ key, quantiles: normalQuantiles(), base: (v) => v, spread });
      plan.row('shotNoise', run, fast);
      return;
    }
    // Tables are made when a row is first rendered, not when the plan is.
    let step: RowStep | undefined;
    plan.row('shotNoise', (row, y) => {
      step ??= pick(key, (v) => photons(v / 255 / scale, scale));
      step(row, y);
    });
  },
});

/** What counts of photons become as bytes; counts that give the same byte are one outcome. */
function photons(mean: number, scale: number): Outcomes {
  if (mean === 0) return { levels: [0], weights: [1] };
  const { first, weights } = poissonWeights(mean);
  const byLevel = new Map<number, number>();
  weights.forEach((weight, i) => {
    const level = Math.min(255, Math.round((first + i) * scale * 255));
    byLevel.set(level, (byLevel.get(level) ?? 0) + weight);
  });
  return { levels: [...byLevel.keys()], weights: [...byLevel.values()] };
}
