import { z } from 'zod';
import { claheOn, clahe as plain } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, interval } from '../transform/options.js';

const count = z.int().min(1).max(64);
const tiles = z.tuple([count, count]).default([8, 8]);

/**
 * Contrast-limited adaptive histogram equalization of the luma (Zuiderveld, 1994). The image is cut into tiles;
 * each tile's histogram is clipped at `clipLimit` times its mean height and equalizes the tile; between the
 * middles of tiles the tables are interpolated. Arithmetic as OpenCV's createCLAHE on the Y of YCrCb; the change
 * of luma is added to red, green and blue.
 *
 * Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example clahe({ clipLimit: [2, 2] })
 */
export const clahe = defineTransform({
  name: 'clahe',
  options: z.strictObject({
    /** Times the mean height of the histogram, default 1 to 4. */
    clipLimit: interval(0.01, 256).default([1, 4]),
    /** Tiles along the height and along the width, default 8 × 8. */
    tiles,
  }),
  params: z.strictObject({ clipLimit: z.number().positive(), tiles }),
  p: 0.5,
  draw: (draws, { clipLimit, tiles: [down, across] }) => ({
    clipLimit: between(draws, clipLimit),
    tiles: [down, across] as [number, number],
  }),
  lower({ clipLimit, tiles: [down, across] }, plan) {
    const options = { across, down, clipLimit };
    plan.filter(
      'clahe',
      (input, output, width, height) => plain(input, output, width, height, options),
      claheOn(options),
    );
  },
});
