import { z } from 'zod';
import type { Matrix } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';

/**
 * Rotates by a random multiple of 90°, counter-clockwise as numpy.rot90. Exact; width and height change places at
 * odd turns. In a batch of images that are not square, use `turns: [0, 2]`.
 *
 * Masks, boxes and keypoints move with the pixels. Default `p`: 1. No turn is one of the choices.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example randomRotate90({ turns: [0, 2] })
 */
export const randomRotate90 = defineTransform({
  name: 'randomRotate90',
  options: z.strictObject({
    /** The turns to choose from, default all four. */
    turns: z.array(z.int().min(0).max(3)).min(1).default([0, 1, 2, 3]),
  }),
  params: z.strictObject({ turns: z.int().min(0).max(3) }),
  draw: (draws, { turns }) => ({ turns: draws.choice(turns) }),
  lower({ turns }, plan) {
    const { width: w, height: h } = plan;
    const matrices: readonly Matrix[] = [
      [1, 0, 0, 0, 1, 0],
      [0, -1, w, 1, 0, 0],
      [-1, 0, w, 0, -1, h],
      [0, 1, 0, -1, 0, h],
    ];
    const [width, height] = turns % 2 === 0 ? [w, h] : [h, w];
    if (turns > 0) plan.geometry(matrices[turns] as Matrix, width, height);
  },
});
