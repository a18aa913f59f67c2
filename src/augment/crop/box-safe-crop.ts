import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { resampling, sides, size } from '../transform/options.js';

const fields = {
  size,
  interpolation: resampling.default('bilinear'),
  antialias: z.boolean().default(true),
};
const share = z.number().min(0).max(1);

/**
 * Crops a random window that holds every box of the sample, and resizes it (albumentations'
 * RandomSizedBBoxSafeCrop). Each edge of the window is uniform between the image's edge and the outermost box;
 * without boxes the window holds a random point. Crop and resize are one pass.
 *
 * `boxSafeCrop(224)` gives 224 × 224 pixels, `boxSafeCrop([200, 300])` height and width. Masks, boxes and
 * keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example boxSafeCrop(224)
 */
export const boxSafeCrop = defineTransform({
  name: 'boxSafeCrop',
  options: z.strictObject(fields),
  params: z.strictObject({
    ...fields,
    /** How much of the room beyond the boxes is cut off: left, top, right, bottom. */
    cut: z.tuple([share, share, share, share]),
    /** The point that stands for the boxes where there are none, as shares of width and height. */
    point: z.tuple([share, share]),
  }),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (draws, { size, interpolation, antialias }) => ({
    size: size as number | [number, number],
    interpolation,
    antialias,
    cut: [draws.uniform(), draws.uniform(), draws.uniform(), draws.uniform()] as [
      number,
      number,
      number,
      number,
    ],
    point: [draws.uniform(), draws.uniform()] as [number, number],
  }),
  lower({ size: to, interpolation, antialias, cut, point }, plan) {
    const { width: W, height: H } = plan;
    const [height, width] = sides(to);
    const [x, y] = [Math.floor(point[0] * (W - 1)), Math.floor(point[1] * (H - 1))];
    const boxes = plan.boxes();
    const all = boxes.length > 0 ? boxes : [[x, y, x + 1, y + 1] as const];
    // Whole pixels, rounded outwards.
    const x0 = Math.floor(cut[0] * Math.floor(Math.min(...all.map((box) => box[0]))));
    const y0 = Math.floor(cut[1] * Math.floor(Math.min(...all.map((box) => box[1]))));
    const x1 = W - Math.floor(cut[2] * (W - Math.ceil(Math.max(...all.map((box) => box[2])))));
    const y1 = H - Math.floor(cut[3] * (H - Math.ceil(Math.max(...all.map((box) => box[3])))));
    plan.geometry([(x1 - x0) / width, 0, x0, 0, (y1 - y0) / height, y0], width, height, {
      interpolation,
      antialias,
      window: [x0, y0, x1, y1],
    });
  },
});
