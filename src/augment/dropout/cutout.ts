import { z } from 'zod';
import { type Scheduled, scheduledInt } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { asColor, value } from '../transform/options.js';
import { drawnLength, drawnOf, inPixels, length } from '../transform/pixel-length.js';

/**
 * Covers squares whose centers fall anywhere in the image, so some extend over its edge (DeVries and Taylor,
 * "Improved regularization of CNNs with Cutout", 2017). After `normalize` the default fill 0 is the mean color, as
 * in the paper; before it, black.
 *
 * `cutout(16)` is exactly that side in pixels; a schedule works in place of the number. A share of the shorter
 * side suits images of every size: `cutout({ size: { share: 0.25 } })`. Size 0 changes nothing.
 *
 * Masks, boxes and keypoints stay; with `erased: 'hide'` in the targets, what is covered counts as hidden. Default
 * `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(cutout(linear(0, 16)), batch(64))
 */
export const cutout = defineTransform({
  name: 'cutout',
  options: z.strictObject({
    /** Side of a square, in pixels, or { share } of the image's shorter side. */
    size: length(65535).default(16),
    count: scheduledInt(1, 64).default(1),
    fill: value.default(0),
  }),
  params: z.strictObject({
    size: drawnLength,
    /** Centers as shares of width and height. */
    at: z.array(z.tuple([z.number(), z.number()])),
    fill: value,
  }),
  shorthand: (size: Scheduled) => ({ size }),
  magnitude: (strength) => ({ size: { share: 0.5 * strength } }),
  draw: (draws, { size, count, fill }) => ({
    size: drawnOf(size),
    at: Array.from({ length: Math.round(count) }, (): [number, number] => [draws.uniform(), draws.uniform()]),
    fill,
  }),
  lower({ size: given, at, fill }, plan) {
    const size = inPixels(given, Math.min(plan.width, plan.height));
    if (size === 0) return;
    for (const [x, y] of at) {
      const left = Math.floor(x * plan.width) - (size >> 1);
      const top = Math.floor(y * plan.height) - (size >> 1);
      plan.fill({
        x0: Math.max(0, left),
        y0: Math.max(0, top),
        x1: Math.min(plan.width, left + size),
        y1: Math.min(plan.height, top + size),
        color: asColor(fill),
      });
    }
  },
});
