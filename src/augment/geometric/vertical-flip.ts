/** Mirrors top and bottom: y' = H − y. Exact. */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

export const verticalFlip = defineTransform({
  name: 'verticalFlip',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.geometry([1, 0, 0, 0, -1, plan.height], plan.width, plan.height),
});
