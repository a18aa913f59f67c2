/** Samplers write one output row of a geometry at a time, uint8 RGB, which stays in cache for the next steps. */
import { BITS, FIXED, fixed, ONE, windowPixels } from './fixed-point.js';
import { borderIndex, type Geometry, isExact, isSeparable } from './geometry.js';
import type { Raster, RowSampler } from './raster.js';
import { separable } from './separable.js';
import { type Warp, warpSampler } from './warp.js';

export function sampler(source: Raster, geometry: Geometry | Warp): RowSampler {
  if ('kind' in geometry) return warpSampler(source, geometry);
  if (isExact(geometry)) return exact(source, geometry);
  if (geometry.interpolation !== 'nearest' && isSeparable(geometry)) return separable(source, geometry);
  return geometry.interpolation === 'bilinear' ? bilinear(source, geometry) : nearest(source, geometry);
}

const HALF = 1 << (2 * BITS - 1);

/** Copies: one table of byte offsets along the row, one offset per row. −1 marks the fill color. */
function exact({ data, width: stride }: Raster, geometry: Geometry): RowSampler {
  const { matrix, width, height, border, fill } = geometry;
  const [a, b, c, d, e, f] = matrix;
  const [x0, y0, x1, y1] = windowPixels(geometry);
  const turned = a === 0;
  const along = new Int32Array(width); // bytes, for output column x
  const across = new Int32Array(height); // bytes, for output row y
  const column = (t: number) => scaled(borderIndex(Math.floor(t), x0, x1, border), 3);
  const line = (t: number) => scaled(borderIndex(Math.floor(t), y0, y1, border), 3 * stride);
  for (let x = 0; x < width; x++) along[x] = turned ? line(d * (x + 0.5) + f) : column(a * (x + 0.5) + c);
  for (let y = 0; y < height; y++) across[y] = turned ? column(b * (y + 0.5) + c) : line(e * (y + 0.5) + f);
  const forward = !turned && a === 1;
  return (y, row) => {
    const base = across[y] as number;
    if (base < 0) return paint(row, 0, width, fill);
    if (forward && (along[0] as number) >= 0 && along[width - 1] === (along[0] as number) + 3 * (width - 1)) {
      const from = base + (along[0] as number);
      for (let i = 0; i < 3 * width; i++) row[i] = data[from + i] as number;
      return;
    }
    for (let x = 0, o = 0; x < width; x++, o += 3) {
      const at = along[x] as number;
      if (at < 0) paint(row, x, x + 1, fill);
      else {
        row[o] = data[base + at] as number;
        row[o + 1] = data[base + at + 1] as number;
        row[o + 2] = data[base + at + 2] as number;
      }
    }
  };
}

const scaled = (index: number, by: number) => (index < 0 ? -1 : index * by);

function paint(
  row: Uint8Array,
  from: number,
  to: number,
  [r, g, b]: readonly [number, number, number],
): void {
  for (let o = 3 * from; o < 3 * to; o += 3) {
    row[o] = r;
    row[o + 1] = g;
    row[o + 2] = b;
  }
}

function nearest({ data, width: stride }: Raster, geometry: Geometry): RowSampler {
  const { width, border, fill } = geometry;
  const [x0, y0, x1, y1] = windowPixels(geometry);
  const { row: start, du, dv } = fixed(geometry);
  return (y, row) => {
    const [u, v] = start(y);
    for (let x = 0, o = 0; x < width; x++, o += 3) {
      const sx = borderIndex(Math.floor((u + x * du) / FIXED), x0, x1, border);
      const sy = borderIndex(Math.floor((v + x * dv) / FIXED), y0, y1, border);
      if (sx < 0 || sy < 0) paint(row, x, x + 1, fill);
      else {
        const at = 3 * (sy * stride + sx);
        row[o] = data[at] as number;
        row[o + 1] = data[at + 1] as number;
        row[o + 2] = data[at + 2] as number;
      }
    }
  };
}

/** Four neighbors with 11-bit weights; a neighbor outside follows the border mode. */
function bilinear({ data, width: stride }: Raster, geometry: Geometry): RowSampler {
  const { width, border, fill } = geometry;
  const [x0, y0, x1, y1] = windowPixels(geometry);
  const { row: start, du, dv } = fixed(geometry);
  return (y, row) => {
    const [u0, v0] = start(y);
    for (let x = 0, o = 0; x < width; x++, o += 3) {
      const u = u0 + x * du;
      const v = v0 + x * dv;
      const left = Math.floor(u / FIXED);
      const top = Math.floor(v / FIXED);
      const wx = Math.floor((u - left * FIXED) / (FIXED / ONE));
      const wy = Math.floor((v - top * FIXED) / (FIXED / ONE));
      const l = borderIndex(left, x0, x1, border);
      const r = borderIndex(left + 1, x0, x1, border);
      const t = borderIndex(top, y0, y1, border);
      const b = borderIndex(top + 1, y0, y1, border);
      for (let k = 0; k < 3; k++) {
        const rim = (fill[k] as number) & 255;
        const at = (i: number, j: number) =>
          i < 0 || j < 0 ? rim : (data[3 * (j * stride + i) + k] as number);
        const upper = at(l, t) * (ONE - wx) + at(r, t) * wx;
        const lower = at(l, b) * (ONE - wx) + at(r, b) * wx;
        row[o + k] = (upper * (ONE - wy) + lower * wy + HALF) >>> (2 * BITS);
      }
    }
  };
}
