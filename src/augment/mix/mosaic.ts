import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { interval } from '../transform/options.js';
import { defineBatchTransform } from './batch-transform.js';
import type { MixLayer } from './mix-layers.js';
import { placesOf } from './places.js';

const group = z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]);

/**
 * Puts four images together around a random point; targets mix by area (Bochkovskiy et al., "YOLOv4", 2020).
 * Each image shows the corner that meets the point. Rows are grouped by four; a rest of up to three stays as
 * it is.
 */
export const mosaicTransform = defineBatchTransform({
  name: 'mosaic',
  options: z.strictObject({
    /** Where the point lies, as a share of each side, default 0.25 to 0.75. */
    center: interval(0, 1).default([0.25, 0.75]),
    p: scheduled(0, 1).default(1),
  }),
  params: z.strictObject({ groups: z.array(group), x: z.int().min(0), y: z.int().min(0) }),
  draw(draws, { center, p }, { size, width, height, progress }) {
    if (size < 4 || !draws.chance(valueAt(p, progress))) return undefined;
    const at = (side: number) =>
      Math.round(side * draws.uniform(valueAt(center[0], progress), valueAt(center[1], progress)));
    const [x, y] = [at(width), at(height)];
    const order = draws.permutation(size);
    const groups = Array.from(
      { length: size >> 2 },
      (_, g) => [...order.subarray(4 * g, 4 * g + 4)] as [number, number, number, number],
    );
    return { groups, x, y };
  },
  apply({ groups, x: cx, y: cy }, pixels) {
    const { data, width, height } = pixels;
    const { planes, span, stride, at } = placesOf(pixels);
    for (const rows of groups) {
      const images = rows.map((row) => data.slice(row * stride, (row + 1) * stride));
      rows.forEach((row, turn) => {
        for (let plane = 0; plane < planes; plane++) {
          for (let y = 0; y < height; y++) {
            const [lower, sy] = y < cy ? [0, y - cy + height] : [2, y - cy];
            const [left, right] = [images[(turn + lower) % 4]!, images[(turn + lower + 1) % 4]!];
            const to = row * stride + at(plane, 0, y);
            data.set(left.subarray(at(plane, width - cx, sy), at(plane, width - cx, sy) + cx * span), to);
            data.set(
              right.subarray(at(plane, 0, sy), at(plane, 0, sy) + (width - cx) * span),
              to + cx * span,
            );
          }
        }
      });
    }
  },
  targets({ groups, x, y }, soft, { size, width, height }) {
    const classes = soft.length / size;
    const shares = [x * y, (width - x) * y, x * (height - y), (width - x) * (height - y)].map(
      (n) => n / (width * height),
    );
    for (const rows of groups) {
      const old = rows.map((row) => soft.slice(row * classes, (row + 1) * classes));
      rows.forEach((row, turn) => {
        for (let k = 0; k < classes; k++) {
          soft[row * classes + k] = shares.reduce(
            (sum, share, q) => sum + share * (old[(turn + q) % 4]![k] as number),
            0,
          );
        }
      });
    }
  },
  follow: {
    kind: 'layers',
    layers({ groups, x, y }, { width, height }) {
      const quarters = [
        { to: [0, 0, x, y], shift: [x - width, y - height] },
        { to: [x, 0, width, y], shift: [x, y - height] },
        { to: [0, y, x, height], shift: [x - width, y] },
        { to: [x, y, width, height], shift: [x, y] },
      ] as const;
      return new Map(
        groups.flatMap((rows) =>
          rows.map((row, turn): [number, MixLayer[]] => [
            row,
            quarters.map((quarter, q) => ({ from: rows[(turn + q) % 4] as number, ...quarter })),
          ]),
        ),
      );
    },
  },
});
