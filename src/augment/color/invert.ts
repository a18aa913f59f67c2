/** The negative: out = 255 − x. Exact. */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

export const invert = defineTransform({
  name: 'invert',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.lookUp((v) => 255 - v),
});
