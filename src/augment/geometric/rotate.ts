/** Turns about the center by an angle in degrees, positive clockwise; the output has the input's size. */
import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { symmetric } from '../transform/intervals.js';
import { between, interval, plusMinus, samplingOptions } from '../transform/options.js';
import { inverseAffine } from './affine.js';

export const rotate = defineTransform({
  name: 'rotate',
  options: z.strictObject({
    ...samplingOptions,
    /** Degrees, default −30 to 30. */
    angle: interval(-360, 360).default([-30, 30]),
  }),
  params: z.strictObject({ ...samplingOptions, angle: z.number() }),
  shorthand: symmetric('rotate', 'angle', 360),
  magnitude: (strength) => ({ angle: plusMinus(90 * strength) }),
  draw: (draws, { angle, ...sampling }) => ({ ...sampling, angle: between(draws, angle) }),
  lower({ angle, interpolation, border, fill }, plan) {
    if (angle === 0) return;
    const { width, height } = plan;
    const matrix = inverseAffine(width / 2, height / 2, angle, 0, 0, 1, [0, 0]);
    plan.geometry(matrix, width, height, { interpolation, border, fill });
  },
});
