/** Blends with the mean luma of the whole image: 0 is flat gray, 1 the same. out = clip(m + f·(x − m)). */
import { z } from 'zod';
import { blend, tableOf } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { amountOf, factorOf, factorRange } from './factor.js';

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
