import { z } from 'zod';
import { BadSampleError, scheduledInt } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { border, color, sides, size } from '../transform/options.js';
import { place } from './random-box.js';

const fields = {
  size,
  border: border.default('constant'),
  fill: color.default([0, 0, 0]),
};

/**
 * Crops a window of fixed size at a random place, after padding every side if asked. Exact.
 *
 * `randomCrop(32)` gives 32 × 32 pixels, `randomCrop([32, 48])` height and width. Masks, boxes and keypoints move
 * with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @throws {BadSampleError} while rendering, if a padded image is smaller than the window
 * @example randomCrop({ size: 32, padding: 4 })
 */
export const randomCrop = defineTransform({
  name: 'randomCrop',
  options: z.strictObject({ ...fields, padding: scheduledInt(0, 4096).default(0) }),
  params: z.strictObject({
    ...fields,
    padding: z.int().min(0).max(4096).default(0),
    x: z.number().min(0).max(1),
    y: z.number().min(0).max(1),
  }),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (draws, options) => ({
    ...options,
    size: options.size as number | [number, number],
    padding: Math.round(options.padding),
    x: draws.uniform(),
    y: draws.uniform(),
  }),
  lower({ size: to, padding, border, fill, x, y }, plan) {
    const [height, width] = sides(to);
    const [roomX, roomY] = [plan.width + 2 * padding - width, plan.height + 2 * padding - height];
    if (roomX < 0 || roomY < 0) {
      throw new BadSampleError(
        `randomCrop: expected an image of at least ${width}×${height} but received ${plan.width}×${plan.height}; raise padding or resize first`,
      );
    }
    plan.geometry([1, 0, place(x, roomX) - padding, 0, 1, place(y, roomY) - padding], width, height, {
      border,
      fill,
    });
  },
});
