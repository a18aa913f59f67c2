import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exactly } from '../transform/intervals.js';
import { between, drawSeed, interval, seed, seedKey } from '../transform/options.js';
import { level, lowerPlasma, plasma } from '../transform/plasma.js';
import { smoothStep } from './overlay.js';

/**
 * Shades the part of the image where a plasma field is low, with soft edges: out = x·(1 − a·s), s in [0, 1]
 * (Kornia's RandomPlasmaShadow; Nicolaou et al., "TorMentor", 2022).
 *
 * `plasmaShadow(0.5)` is exactly that strength a; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example plasmaShadow(0.5)
 */
export const plasmaShadow = defineTransform({
  name: 'plasmaShadow',
  options: z.strictObject({
    /** How much light is lost, default 0.3 to 0.7. */
    strength: interval(0, 1).default([0.3, 0.7]),
    /** Share of the area in shadow, default 0.2 to 0.5. */
    area: interval(0, 1).default([0.2, 0.5]),
    /** Amplitude of each octave to the one before, default 0.3 to 0.6. */
    roughness: interval(0, 1).default([0.3, 0.6]),
  }),
  params: z.strictObject({
    strength: z.number().min(0).max(1),
    area: z.number().min(0).max(1),
    roughness: z.number().min(0).max(1),
    seed,
  }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (s) => ({ strength: [0.9 * s, 0.9 * s] as [number, number] }),
  draw: (draws, { strength, area, roughness }) => ({
    strength: between(draws, strength),
    area: between(draws, area),
    roughness: between(draws, roughness),
    seed: drawSeed(draws),
  }),
  lower({ strength, area, roughness, seed }, plan) {
    if (strength === 0 || area === 0) return;
    const field = plasma(seedKey(seed), roughness);
    const edge = level(field, area);
    const shade = (p: number) => 1 - smoothStep(edge - SOFT, edge + SOFT, p);
    lowerPlasma('plasmaShadow', field, (p) => [1 - strength * shade(p), 0], plan);
  },
});

/** Half the width of an edge, in values of the field. */
const SOFT = 0.04;
