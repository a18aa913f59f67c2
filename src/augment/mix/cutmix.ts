import { z } from 'zod';
import { scheduled, valueAt } from '../../core/index.js';
import { defineBatchTransform } from './batch-transform.js';
import { paired, withPatch } from './mix-layers.js';
import { drawPairs, mixTargets, pairs } from './pairs.js';

const box = z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]);

/**
 * Swaps a rectangle between the images of a pair; targets mix by area (Yun et al., "CutMix", 2019). The box
 * covers 1 − λ of the image, λ ~ Beta(α, α), centered anywhere and clipped; λ is recomputed from what is left.
 */
export const cutmixTransform = defineBatchTransform({
  name: 'cutmix',
  options: z.strictObject({ alpha: scheduled(0, 100).default(1), p: scheduled(0, 1).default(1) }),
  params: z.strictObject({
    pairs,
    /** [x0, y0, x1, y1], the same for every pair. */
    box,
  }),
  shorthand: (alpha) => ({ alpha }),
  draw(draws, options, { size, width, height, progress }) {
    const alpha = valueAt(options.alpha, progress);
    if (!draws.chance(valueAt(options.p, progress)) || alpha === 0 || size < 2) return undefined;
    const side = Math.sqrt(1 - draws.beta(alpha, alpha));
    const [w, h] = [Math.floor(width * side), Math.floor(height * side)];
    const [x, y] = [draws.int(width), draws.int(height)];
    const [x0, y0] = [Math.max(0, x - (w >> 1)), Math.max(0, y - (h >> 1))];
    const [x1, y1] = [Math.min(width, x - (w >> 1) + w), Math.min(height, y - (h >> 1) + h)];
    return { pairs: drawPairs(draws, size), box: [x0, y0, x1, y1] as [number, number, number, number] };
  },
  apply({ pairs, box: [x0, y0, x1, y1] }, { data, size, width, height, layout }) {
    const stride = data.length / size;
    const [planes, step] = layout === 'HWC' ? [1, 3] : [3, 1];
    for (const [i, j] of pairs) {
      for (let plane = 0; plane < planes; plane++) {
        for (let y = y0; y < y1; y++) {
          const at = (plane * height + y) * width * step;
          swap(data, i * stride + at + x0 * step, j * stride + at + x0 * step, (x1 - x0) * step);
        }
      }
    }
  },
  targets({ pairs, box: [x0, y0, x1, y1] }, soft, { size, width, height }) {
    mixTargets(pairs, [1 - ((x1 - x0) * (y1 - y0)) / (width * height)], soft, size);
  },
  follow: {
    kind: 'layers',
    layers: ({ pairs, box }, context) =>
      paired(pairs, (row, partner) => withPatch(row, { from: partner, to: box, shift: [0, 0] }, context)),
  },
});

function swap(data: Uint8Array | Float32Array, p: number, q: number, count: number): void {
  for (let k = 0; k < count; k++) {
    const kept = data[p + k] as number;
    data[p + k] = data[q + k] as number;
    data[q + k] = kept;
  }
}
