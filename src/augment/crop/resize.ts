import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { resampling, sides, size } from '../transform/options.js';

const fields = {
  /** Side, or [height, width]. */
  size,
  /** Keep the aspect ratio: `size` is then the length of the shorter side. */
  keepRatio: z.boolean().default(false),
  interpolation: resampling.default('bilinear'),
  antialias: z.boolean().default(true),
};

/**
 * Resizes to a fixed size as Pillow does: bilinear, bicubic or Lanczos, with a wider kernel when shrinking unless
 * `antialias` is off, or the nearest pixel.
 *
 * `resize(224)` gives 224 × 224 pixels, `resize([200, 300])` height and width; with `keepRatio` a single number is
 * the shorter side. Masks, boxes and keypoints move with the pixels. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example resize({ size: 256, keepRatio: true })
 */
export const resize = defineTransform({
  name: 'resize',
  options: z.strictObject(fields),
  params: z.strictObject(fields),
  shorthand: (side: number | [number, number]) => ({ size: side }),
  draw: (_, options) => ({ ...options, size: options.size as number | [number, number] }),
  lower({ size: to, keepRatio, interpolation, antialias }, plan) {
    let [height, width] = sides(to);
    if (keepRatio) {
      // The other side is cut to whole pixels, as torchvision does.
      const wide = width * plan.height < height * plan.width;
      if (wide) width = Math.floor((height * plan.width) / plan.height);
      else height = Math.floor((width * plan.height) / plan.width);
    }
    if (width === plan.width && height === plan.height) return;
    plan.geometry([plan.width / width, 0, 0, 0, plan.height / height, 0], width, height, {
      interpolation,
      antialias,
    });
  },
});
