import { z } from 'zod';
import type { Draws, Scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { border, color } from '../transform/options.js';
import { inPixels, length } from '../transform/pixel-length.js';
import { place } from './random-box.js';

const fields = { border: border.default('constant'), fill: color.default([0, 0, 0]) };

const share = z.number().min(0).max(1);
/** Whole pixels, or a place within the room that a padding of this share leaves. */
const shift = z.union([z.int(), z.strictObject({ share, at: share })]);

/**
 * Pads every side by some pixels and crops back to the old size at a random place: the standard augmentation of
 * small images (He et al., 2016). Exact.
 *
 * `padCrop(4)` pads by 4 pixels; a schedule works in place of the number. A share of each side suits images of
 * every size: `padCrop({ padding: { share: 0.125 } })`. Masks, boxes and keypoints move with the pixels. Default
 * `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example padCrop(4)
 */
export const padCrop = defineTransform({
  name: 'padCrop',
  options: z.strictObject({
    ...fields,
    /** Of every side, in pixels, or { share } of the image's width and height. */
    padding: length(4096).default(4),
  }),
  params: z.strictObject({ ...fields, x: shift, y: shift }),
  shorthand: (padding: Scheduled) => ({ padding }),
  magnitude: (strength) => ({ padding: { share: 0.25 * strength } }),
  draw(draws, { padding, border, fill }) {
    return { border, fill, x: drawShift(draws, padding), y: drawShift(draws, padding) };
  },
  lower({ x, y, border, fill }, plan) {
    const { width, height } = plan;
    plan.geometry([1, 0, shifted(x, width), 0, 1, shifted(y, height)], width, height, { border, fill });
  },
});

function drawShift(draws: Draws, padding: number | { readonly share: number }) {
  if (typeof padding === 'object') return { share: padding.share, at: draws.uniform() };
  const room = Math.round(padding);
  return draws.int(2 * room + 1) - room;
}

function shifted(shift: number | { readonly share: number; readonly at: number }, side: number): number {
  if (typeof shift === 'number') return shift;
  const room = inPixels(shift, side);
  return place(shift.at, 2 * room) - room;
}
