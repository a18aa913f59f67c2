/**
 * Warps, which no affine matrix can express: lens and perspective distortion, elastic and grid warps. For each output row
 * a warp gives the source coordinates of its pixels.
 */
import type { FastWarp } from './engine/fast.js';
import { type Border, borderIndex, type Color, type Interpolation } from './geometry.js';
import type { Raster, RowSampler } from './raster.js';

export interface Warp {
  readonly kind: 'warp';
  readonly width: number;
  readonly height: number;
  readonly border: Border;
  readonly fill: Color;
  readonly interpolation: Interpolation;
  /** Source coordinates (pixel centers at ½) of output row y, into `xs` and `ys` of `width` values. */
  readonly row: (y: number, xs: Float64Array, ys: Float64Array) => void;
  /** The same on the kernels. */
  readonly fast?: FastWarp;
  /** Where a point of the source goes: what `row` undoes. Targets follow it. */
  readonly forward: (x: number, y: number) => readonly [number, number];
}

/** Fractional bits of source coordinates. */
export const WARP_BITS = 11;
const ONE = 1 << WARP_BITS;
const HALF = 1 << (2 * WARP_BITS - 1);
/** Further out than any image: keeps fixed-point coordinates within 32 bits. */
const FAR = 1 << 19;

/** Source coordinates of a row in fixed point: of the upper left neighbor for bilinear. */
export class WarpRows {
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;

  constructor(private readonly warp: Warp) {
    this.xs = new Float64Array(warp.width);
    this.ys = new Float64Array(warp.width);
  }

  /** Fills `u` and `v`, [width] each. */
  row(y: number, u: Int32Array, v: Int32Array): void {
    const { warp, xs, ys } = this;
    const shift = warp.interpolation === 'bilinear' ? 0.5 : 0;
    warp.row(y, xs, ys);
    for (let x = 0; x < warp.width; x++) {
      u[x] = Math.floor(bounded((xs[x] as number) - shift) * ONE + 0.5);
      v[x] = Math.floor(bounded((ys[x] as number) - shift) * ONE + 0.5);
    }
  }
}

const bounded = (t: number) => (t > FAR ? FAR : t > -FAR ? t : -FAR); // NaN lies outside too

/** The plain twin of the kernel `remapRow`. */
export function warpSampler({ data, width: stride, height }: Raster, warp: Warp): RowSampler {
  const { width, border, fill, interpolation } = warp;
  const rows = new WarpRows(warp);
  const u = new Int32Array(width);
  const v = new Int32Array(width);
  const mask = interpolation === 'bilinear' ? ONE - 1 : 0;
  return (y, row) => {
    rows.row(y, u, v);
    for (let x = 0, o = 0; x < width; x++, o += 3) {
      const [left, top] = [(u[x] as number) >> WARP_BITS, (v[x] as number) >> WARP_BITS];
      const [wx, wy] = [(u[x] as number) & mask, (v[x] as number) & mask];
      const l = borderIndex(left, 0, stride, border);
      const r = borderIndex(left + 1, 0, stride, border);
      const t = borderIndex(top, 0, height, border);
      const b = borderIndex(top + 1, 0, height, border);
      for (let k = 0; k < 3; k++) {
        const at = (i: number, j: number) =>
          i < 0 || j < 0 ? (fill[k] as number) & 255 : (data[3 * (j * stride + i) + k] as number);
        const upper = at(l, t) * (ONE - wx) + at(r, t) * wx;
        const lower = at(l, b) * (ONE - wx) + at(r, b) * wx;
        row[o + k] = (upper * (ONE - wy) + lower * wy + HALF) >>> (2 * WARP_BITS);
      }
    }
  };
}
