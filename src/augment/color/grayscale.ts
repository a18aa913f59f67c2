/** Replaces each pixel by its ITU-R 601 luma, three times. */
import { z } from 'zod';
import { saturate, saturateOn } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';

export const grayscale = defineTransform({
  name: 'grayscale',
  options: z.strictObject({}),
  params: z.strictObject({}),
  p: 0.1,
  draw: () => ({}),
  lower: (_, plan) => plan.row('saturate', saturate(0), saturateOn(0)),
});
