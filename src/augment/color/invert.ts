import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

/**
 * The negative: out = 255 − x. Exact.
 *
 * Default `p`: 0.5.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example invert()
 */
export const invert = defineTransform({
  name: 'invert',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.lookUp((v) => 255 - v),
});
