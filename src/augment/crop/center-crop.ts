import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { border, color, sides, size } from '../transform/options.js';

const fields = { size, border: border.default('constant'), fill: color.default([0, 0, 0]) };

/**
 * Crops the middle. Exact. An image that is smaller is padded. Where the margin is odd, the extra pixel goes where
 * torchvision leaves it: halves round to even.
 *
 * `centerCrop(224)` gives 224 × 224 pixels, `centerCrop([200, 300])` height and width. Masks, boxes and keypoints
 * move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example centerCrop(224)
 */
export const centerCrop = defineTransform({
  name: 'centerCrop',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (_, options) => ({ ...options, size: options.size as number | [number, number] }),
  lower({ size: to, border, fill }, plan) {
    const [height, width] = sides(to);
    const [x, y] = [half(plan.width - width), half(plan.height - height)];
    plan.geometry([1, 0, x, 0, 1, y], width, height, { border, fill });
  },
});

/** Half of the room before the crop; negative where pixels are missing, of which the smaller half comes first. */
function half(room: number): number {
  if (room < 0) return -Math.floor(-room / 2);
  const low = Math.floor(room / 2);
  return room % 2 === 0 ? low : low + (low % 2);
}
