import { z } from 'zod';
import { blend, tableOf } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { amountOf, factorOf, factorRange } from './factor.js';

/**
 * Blends with the mean luma m of the whole image: out = clip(m + f·(x − m)). 0 is flat gray, 1 the same image.
 *
 * `contrast(0.4)`: factors from 0.6 to 1.4, that is [max(0, 1 − 0.4), 1 + 0.4] as in torchvision; `contrast([0.5,
 * 0.5])`: always 0.5. A schedule within 0..1 works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example contrast(0.4)
 */
export const contrast = defineTransform({
  name: 'contrast',
  options: z.strictObject({ factor: factorRange }),
  params: z.strictObject({ factor: z.number().min(0) }),
  shorthand: amountOf('contrast'),
  magnitude: (strength) => factorOf(0.9 * strength),
  draw: (draws, { factor }) => ({ factor: between(draws, factor) }),
  lower({ factor }, plan) {
    if (factor !== 1) plan.fromMeanLuma((mean) => tableOf((v) => blend(mean, v, factor)));
  },
});
