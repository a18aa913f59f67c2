import { z } from 'zod';
import { blend } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { amountOf, factorOf, factorRange } from './factor.js';

/**
 * Multiplies every value by a factor: out = clip(f·x), truncated as in Pillow. 0 is black, 1 the same image.
 *
 * `brightness(0.4)`: factors from 0.6 to 1.4, that is [max(0, 1 − 0.4), 1 + 0.4] as in torchvision;
 * `brightness([0.5, 0.5])`: always 0.5. A schedule within 0..1 works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example brightness(0.4).transform.options.factor // → [ 0.6, 1.4 ]
 */
export const brightness = defineTransform({
  name: 'brightness',
  options: z.strictObject({ factor: factorRange }),
  params: z.strictObject({ factor: z.number().min(0) }),
  shorthand: amountOf('brightness'),
  magnitude: (strength) => factorOf(0.9 * strength),
  draw: (draws, { factor }) => ({ factor: between(draws, factor) }),
  lower({ factor }, plan) {
    if (factor !== 1) plan.lookUp((v) => blend(0, v, factor));
  },
});
