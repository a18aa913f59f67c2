import { z } from 'zod';
import { saturate, saturateOn } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Replaces red, green and blue of each pixel by its ITU-R 601 luma.
 *
 * Default `p`: 0.1. As in torchvision, a few gray images among many in color.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example grayscale({ p: 0.2 })
 */
export const grayscale = defineTransform({
  name: 'grayscale',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.1,
  draw: () => ({}),
  lower: (_, plan) => plan.row('saturate', saturate(0), saturateOn(0)),
});
