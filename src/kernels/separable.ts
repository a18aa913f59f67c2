/**
 * Axis-aligned resampling as Pillow does it: first along rows, then along columns, each with a triangle
 * filter that widens when the image shrinks (antialiased bilinear), fixed-point weights of 22 bits and
 * 8-bit values in between. Flips and quarter turns ride along in the weights.
 */
import type { Geometry } from './geometry.js';
import type { Raster, RowSampler } from './sampler.js';

const BITS = 22;
const HALF = 1 << (BITS - 1);

/** For each output position: where its inputs begin and their weights, `taps` to each. */
interface Filter {
  readonly taps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
}

/** Weights for positions centre = scale·(i + ½) + offset of the inputs low..high-1. */
function triangle(
  size: number,
  scale: number,
  offset: number,
  low: number,
  high: number,
  antialias: boolean,
): Filter {
  const stretch = antialias ? Math.max(1, Math.abs(scale)) : 1;
  const taps = Math.ceil(stretch) * 2 + 1;
  const filter = {
    taps,
    first: new Int32Array(size),
    count: new Int32Array(size),
    weights: new Int32Array(size * taps),
  };
  const raw = new Float64Array(taps);
  for (let i = 0; i < size; i++) {
    const centre = scale * (i + 0.5) + offset;
    const begin = Math.max(low, Math.floor(centre - stretch + 0.5));
    const end = Math.min(high, Math.floor(centre + stretch + 0.5), begin + taps);
    let sum = 0;
    for (let k = begin; k < end; k++) {
      const w = Math.max(0, 1 - Math.abs((k - centre + 0.5) / stretch));
      raw[k - begin] = w;
      sum += w;
    }
    if (sum === 0) {
      // a centre on the very rim of the window: its nearest pixel
      raw[0] = 1;
      sum = 1;
      filter.first[i] = Math.min(high - 1, Math.max(low, Math.floor(centre)));
      filter.count[i] = 1;
    } else {
      filter.first[i] = begin;
      filter.count[i] = end - begin;
    }
    for (let k = 0; k < (filter.count[i] as number); k++) {
      filter.weights[i * taps + k] = Math.round(((raw[k] as number) / sum) * (1 << BITS));
    }
  }
  return filter;
}

export function separable(source: Raster, geometry: Geometry): RowSampler {
  const { matrix, width, height, window, antialias } = geometry;
  const [a, b, c, d, e, f] = matrix;
  const [x0, y0, x1, y1] = window;
  const [left, right] = [Math.max(0, Math.floor(x0 + 1e-6)), Math.min(source.width, Math.ceil(x1 - 1e-6))];
  const [top, bottom] = [Math.max(0, Math.floor(y0 + 1e-6)), Math.min(source.height, Math.ceil(y1 - 1e-6))];
  if (a === 0) {
    // A quarter turn: columns of the source become rows. Transposed once, the rest is the same.
    const turned = transpose(source, left, top, right, bottom);
    const h = triangle(width, d, f - top, 0, bottom - top, antialias);
    const v = triangle(height, b, c - left, 0, right - left, antialias);
    return rows(turned, h, v);
  }
  const h = triangle(width, a, c, left, right, antialias);
  const v = triangle(height, e, f, top, bottom, antialias);
  return rows(source, h, v);
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
function rows({ data, width: stride }: Raster, h: Filter, v: Filter): RowSampler {
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
      const end = x * h.taps + (h.count[x] as number);
      for (let k = x * h.taps; k < end; k++, p += 3) {
        const w = h.weights[k] as number;
        r += (data[p] as number) * w;
        g += (data[p + 1] as number) * w;
        bl += (data[p + 2] as number) * w;
      }
      ring[o] = r >>> BITS;
      ring[o + 1] = g >>> BITS;
      ring[o + 2] = bl >>> BITS;
    }
    return base;
  };
  const sums = new Int32Array(3 * width);
  return (y, row) => {
    const first = v.first[y] as number;
    sums.fill(HALF);
    for (let k = 0; k < (v.count[y] as number); k++) {
      const from = fetch(first + k);
      const w = v.weights[y * v.taps + k] as number;
      for (let i = 0; i < 3 * width; i++) sums[i] = (sums[i] as number) + (ring[from + i] as number) * w;
    }
    for (let i = 0; i < 3 * width; i++) row[i] = (sums[i] as number) >>> BITS;
  };
}
