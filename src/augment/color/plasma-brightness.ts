import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';
import { lowerPlasma, plasma } from '../transform/plasma.js';

/**
 * Lightens and darkens by a plasma field p in [0, 1], from large and soft to fine and rough: out = x + 255·a·(2p −
 * 1) (Kornia's RandomPlasmaBrightness; Nicolaou et al., "TorMentor", 2022).
 *
 * `plasmaBrightness(0.2)` is exactly that strength a; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example plasmaBrightness(0.2)
 */
export const plasmaBrightness = defineTransform({
  name: 'plasmaBrightness',
  options: z.strictObject({
    /** Largest change as a share of the full range, default 0.1 to 0.3. */
    strength: interval(0, 1).default([0.1, 0.3]),
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
  magnitude: (s) => ({ strength: [0.5 * s, 0.5 * s] as [number, number] }),
  draw: (draws, { strength, roughness }) => ({
    strength: between(draws, strength),
    roughness: between(draws, roughness),
    seed: drawSeed(draws),
  }),
  lower({ strength, roughness, seed }, plan) {
    if (strength === 0) return;
    const field = plasma(seedKey(seed), roughness);
    lowerPlasma('plasmaBrightness', field, (p) => [1, 255 * strength * (2 * p - 1)], plan);
  },
});
