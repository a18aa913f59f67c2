import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';
import { lowerPlasma, plasma } from '../transform/plasma.js';

/**
 * Strengthens contrast in some places and weakens it in others, by a plasma field p in [0, 1]: out = 127.5 + (x −
 * 127.5)·(1 + a·(2p − 1)) (Kornia's RandomPlasmaContrast; Nicolaou et al., "TorMentor", 2022).
 *
 * `plasmaContrast(0.5)` is exactly that strength a; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example plasmaContrast(0.5)
 */
export const plasmaContrast = defineTransform({
  name: 'plasmaContrast',
  options: z.strictObject({
    /** Largest change of the factor, default 0.3 to 0.8. */
    strength: interval(0, 1).default([0.3, 0.8]),
    /** Amplitude of each octave to the one before, default 0.3 to 0.6. */
    roughness: interval(0, 1).default([0.3, 0.6]),
  }),
  params: z.strictObject({
    strength: z.number().min(0).max(1),
    roughness: z.number().min(0).max(1),
    seed,
  }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (s) => ({ strength: [s, s] as [number, number] }),
  draw: (draws, { strength, roughness }) => ({
    strength: between(draws, strength),
    roughness: between(draws, roughness),
    seed: drawSeed(draws),
  }),
  lower({ strength, roughness, seed }, plan) {
    if (strength === 0) return;
    const field = plasma(seedKey(seed), roughness);
    const tone = (p: number): [number, number] => {
      const gain = 1 + strength * (2 * p - 1);
      return [gain, 127.5 * (1 - gain)];
    };
    lowerPlasma('plasmaContrast', field, tone, plan);
  },
});
