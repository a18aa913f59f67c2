import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Mirrors top and bottom: y' = H − y. Exact.
 *
 * Masks, boxes and keypoints move with the pixels; pairs of keypoints (`swap`) change places. Default `p`: 0.5.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example verticalFlip({ p: 0.2 })
 */
export const verticalFlip = defineTransform({
  name: 'verticalFlip',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.geometry([1, 0, 0, 0, -1, plan.height], plan.width, plan.height),
});
