import { z } from 'zod';
import type { Scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { interval } from '../transform/options.js';

/**
 * Power law: out = ⌊255.999 · (x/255)^γ⌋, as torchvision's adjust_gamma. γ below 1 lightens, above 1 darkens. γ is
 * drawn evenly in its logarithm: 1/2 is as likely as 2.
 *
 * `gamma([0.8, 1.25])` is the range of γ; it takes no single number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example gamma([0.8, 1.25])
 */
export const gamma = defineTransform({
  name: 'gamma',
  options: z.strictObject({
    /** Drawn evenly in its logarithm: 1/2 is as likely as 2. Default 0.8 to 1.25. */
    gamma: interval(0.01, 100).default([0.8, 1.25]),
  }),
  params: z.strictObject({ gamma: z.number().positive() }),
  shorthand: (gamma: [Scheduled, Scheduled]) => ({ gamma }),
  magnitude: (strength) => ({ gamma: [1 / (1 + 2 * strength), 1 + 2 * strength] as [number, number] }),
  draw: (draws, { gamma: [low, high] }) => ({
    gamma: low * (high / low) ** draws.uniform(),
  }),
  lower({ gamma }, plan) {
    if (gamma !== 1) plan.lookUp((v) => (256 - 1e-3) * (v / 255) ** gamma);
  },
});
