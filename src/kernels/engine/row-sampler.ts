/** Geometries on the kernels: the twins of ../sampler.ts and ../separable.ts, the same to the bit. */

import { type Filter, smooth, tapsOf } from '../filter.js';
import { fixed, windowPixels } from '../fixed-point.js';
import {
  type Border,
  borderIndex,
  type Color,
  type Geometry,
  isExact,
  isSeparable,
  type Smooth,
} from '../geometry.js';
import { WARP_BITS, type Warp, WarpRows } from '../warp.js';
import type { FastWarp } from './fast.js';
import type { Located, Regions } from './memory.js';
import type { Address, Kernels } from './module.js';

/** Writes output rows y0..y1-1 contiguously. Rows are requested in rising order. */
export type SampleRows = (y0: number, y1: number, dst: Address) => void;

export function rowSampler(
  kernels: Kernels,
  regions: Regions,
  source: Located,
  geometry: Geometry | Warp,
): SampleRows {
  if ('kind' in geometry) return warp(kernels, regions, source, geometry);
  if (isExact(geometry)) return exact(kernels, regions, source, geometry);
  const bilinear = geometry.interpolation !== 'nearest';
  if (bilinear && isSeparable(geometry)) return separable(kernels, regions, source, geometry);
  return affine(bilinear ? kernels.bilinearRow : kernels.nearestRow, source, geometry);
}

/** 0x00BBGGRR, as the kernels store a color. */
export const packed = ([r, g, b]: Color): number => (r & 255) | ((g & 255) << 8) | ((b & 255) << 16);

const MODES: Record<Border, number> = { constant: 0, edge: 1, reflect: 2 };

function exact(k: Kernels, regions: Regions, source: Located, geometry: Geometry): SampleRows {
  const { matrix, width, border, fill } = geometry;
  const [a, b, c, d, e, f] = matrix;
  const [x0, y0, x1, y1] = windowPixels(geometry);
  const line = 3 * source.width;
  const turned = a === 0;
  const [low, high, other0, other1] = turned ? [y0, y1, x0, x1] : [x0, x1, y0, y1];
  const [slope, shift] = turned ? [d, f] : [a, c];
  const [acrossSlope, acrossShift] = turned ? [b, c] : [e, f];
  const [unit, acrossUnit] = turned ? [line, 3] : [3, line];
  const color = packed(fill);

  // Columns [from, to) are contiguous in the source; the rest goes through the table.
  const start = Math.floor(slope * 0.5 + shift);
  const clampColumn = (x: number) => Math.min(width, Math.max(0, x));
  const from = turned ? width : clampColumn(slope > 0 ? low - start : start - high + 1);
  const to = turned ? width : Math.max(from, clampColumn(slope > 0 ? high - start : start - low + 1));
  const table = regions.at('along', 4 * width);
  if (from > 0 || to < width) {
    const along = regions.int32(table, width);
    for (let x = 0; x < width; x++) {
      const i = borderIndex(Math.floor(slope * (x + 0.5) + shift), low, high, border);
      along[x] = i < 0 ? -1 : i * unit;
    }
  }
  return (r0, r1, dst) => {
    for (let y = r0; y < r1; y++, dst += 3 * width) {
      const i = borderIndex(Math.floor(acrossSlope * (y + 0.5) + acrossShift), other0, other1, border);
      if (i < 0) {
        k.fillRow(width, dst, color);
        continue;
      }
      const base = source.at + i * acrossUnit;
      if (from > 0) k.copyRow(base, table, from, dst, color);
      if (to > from) {
        const at = base + 3 * (start + slope * from);
        if (slope > 0) k.copySpan(at, 3 * (to - from), dst + 3 * from);
        else k.copyReversed(at, to - from, dst + 3 * from);
      }
      if (to < width) k.copyRow(base, table + 4 * to, width - to, dst + 3 * to, color);
    }
  };
}

function warp(k: Kernels, regions: Regions, source: Located, geometry: Warp): SampleRows {
  const { width, border, fill, interpolation, fast } = geometry;
  const us = regions.at('warp u', 4 * width);
  const vs = regions.at('warp v', 4 * width);
  const row = fast?.(k, regions, interpolation === 'bilinear' ? 0.5 : 0) ?? plain(regions, geometry);
  const mask = interpolation === 'bilinear' ? (1 << WARP_BITS) - 1 : 0;
  const [mode, color, stride] = [MODES[border], packed(fill), 3 * source.width];
  return (r0, r1, dst) => {
    for (let y = r0; y < r1; y++, dst += 3 * width) {
      row(y, us, vs);
      k.remapRow(source.at, stride, source.width, source.height, us, vs, mask, mode, color, width, dst);
    }
  };
}

/** The rows of a warp that has no kernel. */
function plain(regions: Regions, geometry: Warp): ReturnType<FastWarp> {
  const rows = new WarpRows(geometry);
  const { width } = geometry;
  return (y, us, vs) => rows.row(y, regions.int32(us, width), regions.int32(vs, width));
}

function affine(kernel: Kernels['bilinearRow'], source: Located, geometry: Geometry): SampleRows {
  const [x0, y0, x1, y1] = windowPixels(geometry);
  const { width, border, fill } = geometry;
  const { row, du, dv } = fixed(geometry);
  const mode = MODES[border];
  const color = packed(fill);
  return (r0, r1, dst) => {
    for (let y = r0; y < r1; y++, dst += 3 * width) {
      const [u, v] = row(y);
      kernel(source.at, 3 * source.width, u, v, du, dv, x0, y0, x1, y1, mode, color, width, dst);
    }
  };
}

function separable(k: Kernels, regions: Regions, source: Located, geometry: Geometry): SampleRows {
  const { matrix, width, height, window, antialias } = geometry;
  const [a, b, c, d, e, f] = matrix;
  const [x0, y0, x1, y1] = window;
  const kind = geometry.interpolation as Smooth;
  const [left, right] = [Math.max(0, Math.floor(x0 + 1e-6)), Math.min(source.width, Math.ceil(x1 - 1e-6))];
  const [top, bottom] = [Math.max(0, Math.floor(y0 + 1e-6)), Math.min(source.height, Math.ceil(y1 - 1e-6))];
  const turned = a === 0;
  const image = turned ? transpose(regions, source, left, top, right, bottom) : source;
  const alongX: Axis = turned ? [width, d, f - top, 0, bottom - top] : [width, a, c, left, right];
  const alongY: Axis = turned ? [height, b, c - left, 0, right - left] : [height, e, f, top, bottom];
  if (kind !== 'bilinear') {
    return resample(
      k,
      regions,
      image,
      smooth(kind, ...alongX, antialias),
      smooth(kind, ...alongY, antialias),
    );
  }
  const [h, v] = [stretchOf(alongX, antialias), stretchOf(alongY, antialias)];
  const tables = reserve(regions, width, tapsOf(2 * h), height, tapsOf(2 * v));
  const shares = regions.at('shares', 8 * Math.max(tables.taps, tables.rowTaps));
  k.linearTaps(...alongX, h, tables.taps, 3, tables.first, tables.weights, shares);
  k.linearTaps(...alongY, v, tables.rowTaps, 1, tables.firstRows, tables.rowWeights, shares);
  return through(k, regions, image, tables);
}

/** Size of the output, scale and offset to the input, and the part [low, high) of the input. */
type Axis = [size: number, scale: number, offset: number, low: number, high: number];

/** How much wider than a pixel of the input the bilinear kernel is. */
const stretchOf = ([, scale]: Axis, antialias: boolean) => (antialias ? Math.max(1, Math.abs(scale)) : 1);

/** Where the tables of two filters lie, as `resampleRows` takes them. */
interface FilterTables {
  readonly width: number;
  readonly taps: number;
  readonly first: Address;
  readonly weights: Address;
  readonly rowTaps: number;
  readonly firstRows: Address;
  readonly rowWeights: Address;
}

/** Memory for filters to an image of this size. */
function reserve(
  regions: Regions,
  width: number,
  taps: number,
  height: number,
  rowTaps: number,
): FilterTables {
  return {
    width,
    taps,
    first: regions.at('first', 4 * width),
    weights: regions.at('weights', 2 * taps * width),
    rowTaps,
    firstRows: regions.at('first rows', 4 * height),
    rowWeights: regions.at('row weights', 2 * rowTaps * height),
  };
}

/** Rows of an image through a filter along x and one along y. */
export function resample(k: Kernels, regions: Regions, image: Located, h: Filter, v: Filter): SampleRows {
  const tables = reserve(regions, h.first.length, h.taps, v.first.length, v.taps);
  const offsets = regions.int32(tables.first, h.first.length);
  for (let x = 0; x < offsets.length; x++) offsets[x] = 3 * (h.first[x] as number);
  regions.int16(tables.weights, h.weights.length).set(h.weights);
  regions.int32(tables.firstRows, v.first.length).set(v.first);
  regions.int16(tables.rowWeights, v.weights.length).set(v.weights);
  return through(k, regions, image, tables);
}

function through(k: Kernels, regions: Regions, image: Located, tables: FilterTables): SampleRows {
  const { width, taps, first, weights, rowTaps, firstRows, rowWeights } = tables;
  const pitch = (3 * width + 31) & ~15;
  const ring = regions.at('ring', rowTaps * pitch);
  const rows = regions.at('rows', 4 * rowTaps);
  const held = regions.at('held', 4 * rowTaps);
  regions.int32(held, rowTaps).fill(-1);
  const [at, stride, last] = [image.at, 3 * image.width, image.height - 1];
  return (y0, y1, dst) =>
    k.resampleRows(
      at,
      stride,
      last,
      first,
      weights,
      taps,
      width,
      firstRows,
      rowWeights,
      rowTaps,
      ring,
      pitch,
      held,
      rows,
      y0,
      y1,
      dst,
    );
}

function transpose(
  regions: Regions,
  { at, width: stride }: Located,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): Located {
  const width = y1 - y0;
  const height = x1 - x0;
  const to = regions.at('transposed', 3 * width * height);
  const bytes = regions.bytes;
  for (let y = 0, o = to; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const p = at + 3 * ((y0 + x) * stride + x0 + y);
      bytes[o] = bytes[p] as number;
      bytes[o + 1] = bytes[p + 1] as number;
      bytes[o + 2] = bytes[p + 2] as number;
    }
  }
  return { at: to, width, height };
}
