/**
 * Axis-aligned resampling as Pillow does it: first along rows, then along columns, each with a filter that
 * widens when the image shrinks (antialias), 14-bit weights and 8-bit values in between. Flips and quarter turns ride along in the weights. The plain twin of engine/row-sampler.ts.
 */
import { WEIGHT_BITS as BITS, type Filter, smooth } from './filter.js';
import type { Geometry, Smooth } from './geometry.js';
import type { Raster, RowSampler } from './raster.js';

const HALF = 1 << (BITS - 1);

export function separable(source: Raster, geometry: Geometry): RowSampler {
  const { matrix, width, height, window, antialias } = geometry;
  const [a, b, c, d, e, f] = matrix;
  const [x0, y0, x1, y1] = window;
  const kind = geometry.interpolation as Smooth;
  const [left, right] = [Math.max(0, Math.floor(x0 + 1e-6)), Math.min(source.width, Math.ceil(x1 - 1e-6))];
  const [top, bottom] = [Math.max(0, Math.floor(y0 + 1e-6)), Math.min(source.height, Math.ceil(y1 - 1e-6))];
  if (a === 0) {
    // A quarter turn: columns of the source become rows. Transposed once, the rest is the same.
    const turned = transpose(source, left, top, right, bottom);
    const h = smooth(kind, width, d, f - top, 0, bottom - top, antialias);
    const v = smooth(kind, height, b, c - left, 0, right - left, antialias);
    return resampled(turned, h, v);
  }
  const h = smooth(kind, width, a, c, left, right, antialias);
  const v = smooth(kind, height, e, f, top, bottom, antialias);
  return resampled(source, h, v);
}

function transpose({ data, width: stride }: Raster, x0: number, y0: number, x1: number, y1: number): Raster {
  const width = y1 - y0;
  const height = x1 - x0;
  const out = new Uint8Array(3 * width * height);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const p = 3 * ((y0 + x) * stride + x0 + y);
      out[o] = data[p] as number;
      out[o + 1] = data[p + 1] as number;
      out[o + 2] = data[p + 2] as number;
    }
  }
  return { data: out, width, height };
}

/** Source rows are filtered along x when first needed and kept in a ring while the column filter spans them. */
export function resampled({ data, width: stride, height }: Raster, h: Filter, v: Filter): RowSampler {
  const width = h.first.length;
  const ring = new Uint8Array(v.taps * width * 3);
  const held = new Int32Array(v.taps).fill(-1);
  const fetch = (y: number): number => {
    const slot = y % v.taps;
    const base = slot * width * 3;
    if (held[slot] === y) return base;
    held[slot] = y;
    for (let x = 0, o = base; x < width; x++, o += 3) {
      let p = 3 * (y * stride + (h.first[x] as number));
      let r = HALF;
      let g = HALF;
      let bl = HALF;
      for (let k = x * h.taps; k < (x + 1) * h.taps; k++, p += 3) {
        const w = h.weights[k] as number;
        if (w === 0) continue; // may lie beyond the image
        r += (data[p] as number) * w;
        g += (data[p + 1] as number) * w;
        bl += (data[p + 2] as number) * w;
      }
      ring[o] = clip(r >> BITS);
      ring[o + 1] = clip(g >> BITS);
      ring[o + 2] = clip(bl >> BITS);
    }
    return base;
  };
  const sums = new Int32Array(3 * width);
  return (y, row) => {
    const first = v.first[y] as number;
    sums.fill(HALF);
    for (let k = 0; k < v.taps; k++) {
      const w = v.weights[y * v.taps + k] as number;
      if (w === 0) continue;
      const from = fetch(Math.min(first + k, height - 1));
      for (let i = 0; i < 3 * width; i++) sums[i] = (sums[i] as number) + (ring[from + i] as number) * w;
    }
    for (let i = 0; i < 3 * width; i++) row[i] = clip((sums[i] as number) >> BITS);
  };
}

/** Negative weights reach beyond black and white. */
const clip = (v: number) => (v < 0 ? 0 : v > 255 ? 255 : v);
