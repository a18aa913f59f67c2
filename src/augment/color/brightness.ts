/** Multiplies every value by a factor: 0 is black, 1 the same. out = clip(f·x), truncated as Pillow does. */
import { z } from 'zod';
import { blend } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between } from '../transform/options.js';
import { amountOf, factorOf, factorRange } from './factor.js';

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
