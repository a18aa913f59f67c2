import { z } from 'zod';
import { scheduled } from '../../core/index.js';
import { type Matrix, snapped } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval, plusMinus, samplingOptions } from '../transform/options.js';

const share = scheduled(0, 1);

/**
 * Rotates, translates, scales and shears about the center in one resampling. The output has the input's size. The
 * matrix is torchvision's: T(center + t) · R(angle) · Shear(x, y) · scale · T(−center); angles are in degrees,
 * positive clockwise.
 *
 * Without options it changes nothing: give ranges. Masks, boxes and keypoints move with the pixels. Default `p`:
 * 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example affine({ rotate: [-15, 15], translate: [0.1, 0.1], scale: [0.9, 1.1] })
 */
export const affine = defineTransform({
  name: 'affine',
  options: z.strictObject({
    ...samplingOptions,
    /** Degrees, default none. */
    rotate: interval(-360, 360).default([0, 0]),
    /** Largest shift to either side as a share of the width and of the height, default none. */
    translate: z.tuple([share, share]).default([0, 0]),
    scale: interval(0.01, 100).default([1, 1]),
    /** Degrees along x and along y, default none. */
    shearX: interval(-89, 89).default([0, 0]),
    shearY: interval(-89, 89).default([0, 0]),
  }),
  params: z.strictObject({
    ...samplingOptions,
    angle: z.number(),
    /** Shares of the width and of the height. */
    translate: z.tuple([z.number(), z.number()]),
    scale: z.number().positive(),
    shear: z.tuple([z.number(), z.number()]),
  }),
  magnitude: (s) => ({
    rotate: plusMinus(30 * s),
    translate: [0.2 * s, 0.2 * s] as [number, number],
    scale: [1 - 0.3 * s, 1 + 0.3 * s] as [number, number],
    shearX: plusMinus(15 * s),
  }),
  draw: (draws, { interpolation, border, fill, rotate, translate, scale, shearX, shearY }) => ({
    interpolation,
    border,
    fill,
    angle: between(draws, rotate),
    translate: [
      between(draws, [-translate[0], translate[0]]),
      between(draws, [-translate[1], translate[1]]),
    ] as [number, number],
    scale: between(draws, scale),
    shear: [between(draws, shearX), between(draws, shearY)] as [number, number],
  }),
  lower({ angle, translate: [tx, ty], scale, shear, interpolation, border, fill }, plan) {
    const { width, height } = plan;
    const matrix = inverseAffine(width / 2, height / 2, angle, tx * width, ty * height, scale, shear);
    plan.geometry(matrix, width, height, { interpolation, border, fill });
  },
});

/** Output to input coordinates of a rotation, shear and scaling about (cx, cy), then a shift by (tx, ty). */
export function inverseAffine(
  cx: number,
  cy: number,
  angle: number,
  tx: number,
  ty: number,
  scale: number,
  [shearX, shearY]: readonly [number, number],
): Matrix {
  const [rot, sx, sy] = [angle, shearX, shearY].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const a = Math.cos(rot - sy) / Math.cos(sy);
  const b = (-Math.cos(rot - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(rot);
  const c = Math.sin(rot - sy) / Math.cos(sy);
  const d = (-Math.sin(rot - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(rot);
  const [A, B, D, E] = [d / scale, -b / scale, -c / scale, a / scale];
  return snapped([A, B, cx - A * (cx + tx) - B * (cy + ty), D, E, cy - D * (cx + tx) - E * (cy + ty)]);
}
