/** Turns about the center by an angle in degrees, positive clockwise; the output has the input's size. */
import { z } from 'zod';
import { parseOptions, type Scheduled, scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, border, color, interpolation, interval, plusMinus } from '../transform/options.js';
import { inverseAffine } from './affine.js';

const look = {
  interpolation: interpolation.default('bilinear'),
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
};

export const rotate = defineTransform({
  name: 'rotate',
  options: z.strictObject({
    ...look,
    /** Degrees, default −30 to 30. */
    angle: interval(-360, 360).default([-30, 30]),
  }),
  params: z.strictObject({ ...look, angle: z.number() }),
  shorthand(given: Scheduled) {
    const angle = parseOptions('rotate', scheduled(-360, 360), given);
    return { angle: [angle, angle] as [Scheduled, Scheduled] };
  },
  magnitude: (strength) => ({ angle: plusMinus(90 * strength) }),
  draw: (draws, { angle, ...look }) => ({ ...look, angle: between(draws, angle) }),
  lower({ angle, interpolation, border, fill }, plan) {
    if (angle === 0) return;
    const { width, height } = plan;
    const matrix = inverseAffine(width / 2, height / 2, angle, 0, 0, 1, [0, 0]);
    plan.geometry(matrix, width, height, { interpolation, border, fill });
  },
});
