import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Mirrors left and right: x' = W − x. Exact.
 *
 * Masks, boxes and keypoints move with the pixels; pairs of keypoints (`swap`) change places. Default `p`: 0.5.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example horizontalFlip().transform.name // → 'horizontalFlip'
 */
export const horizontalFlip = defineTransform({
  name: 'horizontalFlip',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.geometry([-1, 0, plan.width, 0, 1, 0], plan.width, plan.height),
});
