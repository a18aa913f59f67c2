import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Exchanges rows and columns: x' = y, y' = x. Exact; width and height change places.
 *
 * Masks, boxes and keypoints move with the pixels; pairs of keypoints (`swap`) change places. Default `p`: 0.5.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example transpose()
 */
export const transpose = defineTransform({
  name: 'transpose',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.5,
  draw: () => ({}),
  lower: (_, plan) => plan.geometry([0, 1, 0, 1, 0, 0], plan.height, plan.width),
});
