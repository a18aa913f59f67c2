/**
 * Color changes that no table can express. Single precision, with the operations of assembly/color.ts in the same order:
 * both give the same bytes.
 */
import type { RowStep } from './raster.js';

/** Row-major 3×4: r' = m[0]·r + m[1]·g + m[2]·b + m[3], and so on, on values 0..255. */
export type ColorMatrix = readonly number[];

/** The matrix in the format of the kernel: single precision, with ½ for rounding added to the last column. */
export const matrixValues = (matrix: ColorMatrix): number[] =>
  matrix.map((v, i) => Math.fround(i % 4 === 3 ? v + 0.5 : v));

/** Multiplies each pixel by a matrix, rounds and clips. */
export function colorMatrix(matrix: ColorMatrix): RowStep {
  const m = matrixValues(matrix);
  const out = new Uint8Array(3);
  const f = Math.fround;
  return (row) => {
    for (let i = 0; i < row.length; i += 3) {
      for (let c = 0; c < 3; c++) {
        const [x, y, z, w] = [m[4 * c]!, m[4 * c + 1]!, m[4 * c + 2]!, m[4 * c + 3]!];
        out[c] = clip(f(f(f(f(row[i]! * x) + f(row[i + 1]! * y)) + f(row[i + 2]! * z)) + w));
      }
      row.set(out, i);
    }
  };
}

const clip = (v: number) => (v <= 0 ? 0 : v >= 255 ? 255 : Math.trunc(v));

/** Turns hue by a share of the circle (−1..1), and multiplies saturation and value, clipped, in HSV. */
export function shiftHsv(shift: number, saturation: number, value: number): RowStep {
  const f = Math.fround;
  const turn = f(6 * shift);
  const [sat, val] = [f(saturation), f(value)];
  return (row) => {
    for (let i = 0; i < row.length; i += 3) {
      const [r, g, b] = [row[i]!, row[i + 1]!, row[i + 2]!];
      const max = Math.max(r, g, b);
      const range = max - Math.min(r, g, b);
      const by = Math.max(1, range);
      const sector =
        r === max ? f((g - b) / by) : g === max ? f(f((b - r) / by) + 2) : f(f((r - g) / by) + 4);
      const turned = f(sector + turn);
      const hue = f(turned - f(Math.floor(f(turned / 6)) * 6));
      const top = Math.min(255, f(max * val));
      const share = Math.min(1, f(f(range * sat) / Math.max(1, max)));
      const wide = f(share * top);
      row[i] = channel(hue, 5, top, wide);
      row[i + 1] = channel(hue, 3, top, wide);
      row[i + 2] = channel(hue, 1, top, wide);
    }
  };
}

/** One channel of a hue in 0..6: Smith's hexcone, without cases. */
function channel(hue: number, offset: number, top: number, range: number): number {
  const f = Math.fround;
  const sum = f(hue + offset);
  const k = sum >= 6 ? f(sum - 6) : sum;
  const ramp = Math.max(0, Math.min(1, k, f(4 - k)));
  return clip(f(f(top - f(range * ramp)) + 0.5));
}
