import { z } from 'zod';
import { type Scheduled, scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { samplingOptions } from '../transform/options.js';
import { displace, LINEAR } from './displacement.js';
import { bend } from './spline.js';

/**
 * Bends the image like a thin sheet of metal: a grid of control points moves at random, and the area between bends
 * as little as possible (Bookstein, 1989; kernel r² log r). An output control point shows the input at its
 * displaced place.
 *
 * `thinPlateSpline(0.08)` is the largest displacement as a share of the side; a schedule works in place of the
 * number. Masks, boxes and keypoints move with the pixels. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example thinPlateSpline(0.08)
 */
export const thinPlateSpline = defineTransform({
  name: 'thinPlateSpline',
  options: z.strictObject({
    ...samplingOptions,
    /** Control points along each side. */
    points: z.int().min(2).max(8).default(4),
    /** Largest displacement along each axis as a share of the side, default 0.08. */
    distortion: scheduled(0, 0.5).default(0.08),
  }),
  params: z
    .strictObject({
      ...samplingOptions,
      points: z.int().min(2).max(8),
      /** Of each point, row by row: shares of width and height. */
      displacements: z.array(z.tuple([z.number(), z.number()])),
    })
    .refine(({ points, displacements }) => displacements.length === points * points, {
      error: 'expected points × points displacements',
      path: ['displacements'],
    }),
  p: 0.5,
  shorthand: (distortion: Scheduled) => ({ distortion }),
  magnitude: (strength) => ({ distortion: 0.1 * strength }),
  draw(draws, { points, distortion, ...sampling }) {
    const d = () => distortion * draws.uniform(-1, 1);
    return {
      ...sampling,
      points,
      displacements: Array.from({ length: points * points }, (): [number, number] => [d(), d()]),
    };
  },
  lower({ points, displacements, ...sampling }, plan) {
    if (displacements.every(([x, y]) => x === 0 && y === 0)) return;
    const { width, height } = plan;
    const side = CELLS + 1;
    const dx = bend(
      points,
      displacements.map(([x]) => x * width),
      CELLS,
    );
    const dy = bend(
      points,
      displacements.map(([, y]) => y * height),
      CELLS,
    );
    const [pitchX, pitchY] = [width / CELLS, height / CELLS];
    displace(
      { columns: side, rows: side, left: 0, top: 0, pitchX, pitchY, dx, dy, spline: LINEAR },
      sampling,
      plan,
    );
  },
});

/** The sheet is computed at so many places along a side and is straight between them: within a tenth of a pixel. */
const CELLS = 48;
