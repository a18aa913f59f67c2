import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval, plusMinus, samplingOptions } from '../transform/options.js';
import { affine } from './affine.js';

/**
 * Shifts, scales and rotates about the center in one resampling: `affine` without shear, under albumentations'
 * name. Angles are in degrees, positive clockwise.
 *
 * Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example shiftScaleRotate({ rotate: [-15, 15] })
 */
export const shiftScaleRotate = defineTransform({
  name: 'shiftScaleRotate',
  options: z.strictObject({
    ...samplingOptions,
    /** Shares of the width and of the height, default ±0.0625. */
    shift: interval(-1, 1).default([-0.0625, 0.0625]),
    /** Default 0.9 to 1.1. */
    scale: interval(0.01, 100).default([0.9, 1.1]),
    /** Degrees, default ±45. */
    rotate: interval(-360, 360).default([-45, 45]),
  }),
  params: z.strictObject({
    ...samplingOptions,
    shift: z.tuple([z.number(), z.number()]),
    scale: z.number().positive(),
    angle: z.number(),
  }),
  magnitude: (s) => ({
    shift: plusMinus(0.2 * s),
    scale: [1 - 0.4 * s, 1 + 0.4 * s] as [number, number],
    rotate: plusMinus(60 * s),
  }),
  draw: (draws, { shift, scale, rotate, ...sampling }) => ({
    ...sampling,
    shift: [between(draws, shift), between(draws, shift)] as [number, number],
    scale: between(draws, scale),
    angle: between(draws, rotate),
  }),
  lower({ shift, scale, angle, ...sampling }, plan) {
    affine.op.lower({ ...sampling, angle, scale, translate: shift, shear: [0, 0] }, plan);
  },
});
