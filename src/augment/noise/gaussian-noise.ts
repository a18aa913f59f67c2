import { z } from 'zod';
import { addNoise, normalQuantiles } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactlyWithin } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';

/**
 * Adds N(0, σ²) to every value; σ in units of the full range, so 0.1 is 25.5 gray levels. Noise is a function of
 * the drawn seed and the place: a replay gives the same bytes.
 *
 * `gaussianNoise(0.1)` is exactly that σ; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example gaussianNoise(linear(0, 0.1))
 */
export const gaussianNoise = defineTransform({
  name: 'gaussianNoise',
  options: z.strictObject({
    sigma: interval(0, 1).default([0, 0.1]),
    /** False adds the same to the three channels of a pixel. */
    perChannel: z.boolean().default(true),
  }),
  params: z.strictObject({
    sigma: z.number().min(0).max(1),
    perChannel: z.boolean().default(true),
    seed,
  }),
  shorthand: exactlyWithin('gaussianNoise', 'sigma', 0, 1),
  magnitude: (strength) => ({ sigma: exact(0.3 * strength) }),
  draw: (draws, { sigma, perChannel }) => ({
    sigma: between(draws, sigma),
    perChannel,
    seed: drawSeed(draws),
  }),
  lower({ sigma, perChannel, seed }, plan) {
    if (sigma === 0) return;
    const { run, fast } = addNoise({
      key: seedKey(seed),
      quantiles: normalQuantiles(),
      base: (v) => v,
      spread: () => 255 * sigma,
      shared: !perChannel,
    });
    plan.row('gaussianNoise', run, fast);
  },
});
