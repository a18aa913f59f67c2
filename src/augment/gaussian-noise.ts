/** Adds N(0, σ²) to every value; σ in units of the full range, so 0.1 is 25.5 grey levels. Keyed by pixel. */
import { z } from 'zod';
import { parseOptions, type Scheduled, scheduled } from '../core/index.js';
import { disturb, NORMAL } from '../kernels/index.js';
import { between, drawSeed, interval, seed, seedKey } from './options.js';
import { defineTransform } from './transform.js';

export const gaussianNoise = defineTransform({
  name: 'gaussianNoise',
  options: z.strictObject({ sigma: interval(0, 1).default([0, 0.1]) }),
  params: z.strictObject({ sigma: z.number().min(0).max(1), seed }),
  shorthand: (given: Scheduled) => {
    const sigma = parseOptions('gaussianNoise', scheduled(0, 1), given);
    return { sigma: [sigma, sigma] as [Scheduled, Scheduled] };
  },
  magnitude: (strength) => ({ sigma: [0.3 * strength, 0.3 * strength] as [number, number] }),
  draw: (draws, { sigma }) => ({ sigma: between(draws, sigma), seed: drawSeed(draws) }),
  lower({ sigma, seed }, plan) {
    if (sigma === 0) return;
    const noise = { key: seedKey(seed), quantiles: NORMAL, base: identity, spread: () => 255 * sigma };
    const { run, fast } = disturb(noise);
    plan.row('gaussianNoise', run, fast);
  },
});

const identity = (v: number) => v;
