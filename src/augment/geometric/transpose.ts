/** Exchanges rows and columns: x' = y, y' = x. Exact; width and height change places. */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

export const transpose = defineTransform({
  name: 'transpose',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.geometry([0, 1, 0, 1, 0, 0], plan.height, plan.width),
});
