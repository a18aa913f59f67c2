import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { defineBatchTransform } from './batch-transform.js';
import { placesOf } from './places.js';

/**
 * Covers the same square of every image of a batch (Cutout, DeVries and Taylor, 2017, drawn once a batch):
 * cheaper than one draw a sample, and harder. Labels stay.
 */
export const batchCutoutTransform = defineBatchTransform({
  name: 'batchCutout',
  options: z.strictObject({
    /** Side of the square, in pixels, or { share } of the image's shorter side; default 16. */
    size: z.union([scheduled(0, 65535), z.strictObject({ share: scheduled(0, 1) })]).default(16),
    /** In the units of the batch, default 0. */
    fill: z.number().default(0),
    p: scheduled(0, 1).default(1),
  }),
  params: z.strictObject({ box: z.tuple([z.int(), z.int(), z.int(), z.int()]), fill: z.number() }),
  shorthand: (size) => ({ size }),
  draw(draws, { size: side, fill, p }, { width, height, progress }) {
    const pixels =
      typeof side === 'object' && 'share' in side
        ? valueAt(side.share, progress) * Math.min(width, height)
        : valueAt(side, progress);
    const s = Math.round(pixels);
    if (s === 0 || !draws.chance(valueAt(p, progress))) return undefined;
    const [x, y] = [draws.int(width) - (s >> 1), draws.int(height) - (s >> 1)];
    const box = [Math.max(0, x), Math.max(0, y), Math.min(width, x + s), Math.min(height, y + s)];
    return { box: box as [number, number, number, number], fill };
  },
  apply({ box: [x0, y0, x1, y1], fill }, pixels) {
    const { planes, span, stride, at } = placesOf(pixels);
    for (let row = 0; row < pixels.size; row++) {
      for (let plane = 0; plane < planes; plane++) {
        for (let y = y0; y < y1; y++) {
          const from = row * stride + at(plane, x0, y);
          pixels.data.fill(fill, from, from + (x1 - x0) * span);
        }
      }
    }
  },
  targets: () => undefined,
  follow: { kind: 'erase', boxes: ({ box }) => [box] },
});
