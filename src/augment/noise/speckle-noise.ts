import { z } from 'zod';
import { addNoise, normalQuantiles } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';

/**
 * Noise in proportion to the value, as in radar and ultrasound: out = clip(x + x·n), n ~ N(0, σ²). Noise is a
 * function of the drawn seed and the place: a replay gives the same bytes.
 *
 * `speckleNoise(0.2)` is exactly that σ; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example speckleNoise(0.2)
 */
export const speckleNoise = defineTransform({
  name: 'speckleNoise',
  options: z.strictObject({ sigma: interval(0, 1).default([0, 0.3]) }),
  params: z.strictObject({ sigma: z.number().min(0).max(1), seed }),
  shorthand: exactly('sigma'),
  magnitude: (strength) => ({ sigma: exact(0.6 * strength) }),
  draw: (draws, { sigma }) => ({ sigma: between(draws, sigma), seed: drawSeed(draws) }),
  lower({ sigma, seed }, plan) {
    if (sigma === 0) return;
    const { run, fast } = addNoise({
      key: seedKey(seed),
      quantiles: normalQuantiles(),
      base: (v) => v,
      spread: (v) => sigma * v,
    });
    plan.row('speckleNoise', run, fast);
  },
});
