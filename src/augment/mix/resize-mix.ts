import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import type { BatchPixels } from '../transform/op.js';
import { interval } from '../transform/options.js';
import { defineBatchTransform } from './batch-transform.js';
import { paired, withPatch } from './mix-layers.js';
import { drawPairs, mixTargets, pairs } from './pairs.js';
import { placesOf } from './places.js';

/**
 * Pastes a small copy of one image of a pair into the other; targets mix by area (Qin et al., "ResizeMix",
 * 2020). The copy is sampled bilinearly, its side is a share τ ~ U(scale) of the image's.
 */
export const resizeMixTransform = defineBatchTransform({
  name: 'resizeMix',
  options: z.strictObject({
    /** Side of the copy as a share of the image's, default 0.1 to 0.8. */
    scale: interval(0.01, 1).default([0.1, 0.8]),
    p: scheduled(0, 1).default(1),
  }),
  params: z.strictObject({
    pairs,
    /** [x0, y0, x1, y1], where the copies go. */
    box: z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]),
  }),
  draw(draws, { scale, p }, { size, width, height, progress }) {
    if (size < 2 || !draws.chance(valueAt(p, progress))) return undefined;
    const share = draws.uniform(valueAt(scale[0], progress), valueAt(scale[1], progress));
    const [w, h] = [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
    const [x, y] = [draws.int(width - w + 1), draws.int(height - h + 1)];
    return { pairs: drawPairs(draws, size), box: [x, y, x + w, y + h] as [number, number, number, number] };
  },
  apply({ pairs, box }, pixels) {
    const { data, size } = pixels;
    const stride = data.length / size;
    for (const [i, j] of pairs) {
      // Both copies are made before either image changes.
      const [first, second] = [small(pixels, i, box), small(pixels, j, box)];
      paste(pixels, j * stride, first, box);
      paste(pixels, i * stride, second, box);
    }
  },
  targets({ pairs, box: [x0, y0, x1, y1] }, soft, { size, width, height }) {
    mixTargets(pairs, [1 - ((x1 - x0) * (y1 - y0)) / (width * height)], soft, size);
  },
  follow: {
    kind: 'layers',
    layers({ pairs, box }, context) {
      const [x0, y0, x1, y1] = box;
      const scale = [(x1 - x0) / context.width, (y1 - y0) / context.height] as const;
      return paired(pairs, (row, partner) =>
        withPatch(row, { from: partner, to: box, shift: [x0, y0], scale }, context),
      );
    },
  },
});

type Box = readonly [number, number, number, number];

/** One image of the batch, as large as the box: [plane, row, column, span]. */
function small(pixels: BatchPixels, row: number, [x0, y0, x1, y1]: Box): Float64Array {
  const { data, width, height } = pixels;
  const { planes, span, stride, at } = placesOf(pixels);
  const [w, h] = [x1 - x0, y1 - y0];
  const out = new Float64Array(3 * w * h);
  const axis = (i: number, n: number, side: number) => {
    const center = Math.max(0, ((i + 0.5) * side) / n - 0.5);
    const low = Math.min(side - 1, Math.floor(center));
    return { low, high: Math.min(side - 1, low + 1), share: center - low };
  };
  let o = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < h; y++) {
      const v = axis(y, h, height);
      for (let x = 0; x < w; x++) {
        const u = axis(x, w, width);
        for (let k = 0; k < span; k++, o++) {
          const value = (cx: number, cy: number) => data[row * stride + at(plane, cx, cy) + k] as number;
          const upper = value(u.low, v.low) * (1 - u.share) + value(u.high, v.low) * u.share;
          const lower = value(u.low, v.high) * (1 - u.share) + value(u.high, v.high) * u.share;
          out[o] = upper * (1 - v.share) + lower * v.share;
        }
      }
    }
  }
  return out;
}

function paste(pixels: BatchPixels, base: number, copy: Float64Array, [x0, y0, x1, y1]: Box): void {
  const { data } = pixels;
  const { planes, span, at } = placesOf(pixels);
  const rounding = data instanceof Uint8Array ? 0.5 : 0;
  let o = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let y = y0; y < y1; y++) {
      const from = base + at(plane, x0, y);
      for (let i = 0; i < (x1 - x0) * span; i++, o++) data[from + i] = (copy[o] as number) + rounding;
    }
  }
}
