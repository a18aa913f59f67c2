import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { symmetric } from '../transform/intervals.js';
import { between, interval, plusMinus, samplingOptions } from '../transform/options.js';
import { inverseAffine } from './affine.js';

/**
 * Rotates about the center by an angle in degrees, positive clockwise. The output has the input's size.
 *
 * `rotate(30)`: −30 to 30 degrees; `rotate([30, 30])`: always 30. A schedule widens or narrows the range over
 * training: `rotate(linear(0, 30))`.
 *
 * Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example rotate(30).transform.options.angle // → [ -30, 30 ]
 */
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
