import { z } from 'zod';
import { saturate, saturateOn } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { amountOf, factorOf, factorRange } from './factor.js';

/**
 * Blends each pixel with its luma L: out = clip(L + ⌊f·(x − L)⌋). 0 is gray, 1 the same image.
 *
 * `saturation(0.4)`: factors from 0.6 to 1.4, that is [max(0, 1 − 0.4), 1 + 0.4] as in torchvision;
 * `saturation([0.5, 0.5])`: always 0.5. A schedule within 0..1 works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example saturation(0.4)
 */
export const saturation = defineTransform({
  name: 'saturation',
  options: z.strictObject({ factor: factorRange }),
  params: z.strictObject({ factor: z.number().min(0) }),
  shorthand: amountOf('saturation'),
  magnitude: (strength) => factorOf(0.9 * strength),
  draw: (draws, { factor }) => ({ factor: between(draws, factor) }),
  lower({ factor }, plan) {
    if (factor !== 1) plan.row('saturate', saturate(factor), saturateOn(factor));
  },
});
