/**
 * Darkens towards the corners, as a simple lens does: out = in · (1 − strength · r²), where r is the distance
 * from the middle, 1 in the corners.
 */
import { between, defineTransform, interval, plusMinus, z } from 'rxaug/plugin';

export const vignette = defineTransform({
  name: 'vignette',
  /** What a user may say; schedules such as linear(0, 1) are numbers too. */
  options: z.strictObject({
    /** [low, high] of how much darker the corners are. */
    strength: interval(0, 1).default([0.2, 0.6]),
    /** How far off the middle the brightest place may be, as a share of the image. */
    offset: z.number().min(0).max(0.5).default(0),
  }),
  /** What a draw holds: plain JSON from which the same pixels can be made again. */
  params: z.strictObject({ strength: z.number().min(0).max(1), x: z.number(), y: z.number() }),
  /** Options at a strength in [0, 1], for policies; 0 changes nothing. */
  magnitude: (strength) => ({ strength: [strength, strength] as [number, number] }),
  /** Randomness becomes parameters; the size of the image is not known yet. */
  draw: (draws, { strength, offset }) => ({
    strength: between(draws, strength),
    x: 0.5 + between(draws, plusMinus(offset)),
    y: 0.5 + between(draws, plusMinus(offset)),
  }),
  /** What the parameters do to pixels. */
  lower({ strength, x, y }, plan) {
    if (strength === 0) return;
    const { width, height } = plan;
    // row is [W, 3] uint8, changed in place.
    plan.row('darken', (row, j) => {
      const dy = (j + 0.5) / height - y;
      for (let i = 0; i < width; i++) {
        const dx = (i + 0.5) / width - x;
        const factor = Math.max(0, 1 - 2 * strength * (dx * dx + dy * dy));
        for (let c = 3 * i; c < 3 * i + 3; c++) row[c] = Math.round(factor * row[c]!);
      }
    });
  },
});
