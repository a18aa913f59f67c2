/** Blends each pixel with its luma: 0 is gray, 1 the same. out = clip(L + ⌊f·(x − L)⌋). */
import { z } from 'zod';
import { saturate, saturateOn } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { amountOf, factorOf, factorRange } from './factor.js';

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
