/** Mirrors left and right: x' = W − x. Exact. */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

export const horizontalFlip = defineTransform({
  name: 'horizontalFlip',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.geometry([-1, 0, plan.width, 0, 1, 0], plan.width, plan.height),
});
