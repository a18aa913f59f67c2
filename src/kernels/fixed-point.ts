/** Source coordinates of an affine map as integers: the same on every machine. */
import type { Geometry } from './geometry.js';

const SLACK = 1e-6;

/** One pixel of a coordinate. */
export const FIXED = 2 ** 32;

/** Bits of a bilinear weight: two of them and a byte fit in 31 bits. */
export const BITS = 11;
export const ONE = 1 << BITS;

/** The window as whole pixels: all that it touches. */
export function windowPixels({ window: [x0, y0, x1, y1] }: Geometry): [number, number, number, number] {
  return [Math.floor(x0 + SLACK), Math.floor(y0 + SLACK), Math.ceil(x1 - SLACK), Math.ceil(y1 - SLACK)];
}

/**
 * Source coordinates with 32 fractional bits, as integers that float64 holds exactly: those of the first pixel of row y,
 * and the increment of each pixel. Bilinear coordinates are those of the upper left neighbor, rounded to 11 bits. Nearest
 * ones are shifted slightly to the right, so a point between two pixels always takes the right one.
 */
export function fixed({ matrix: [a, b, c, d, e, f], interpolation }: Geometry) {
  const [shift, half] = interpolation === 'bilinear' ? [0.5, FIXED / ONE / 2] : [0, Math.round(FIXED * 1e-5)];
  const at = (x: number, y: number, z: number, line: number) =>
    Math.round((0.5 * x + (line + 0.5) * y + z - shift) * FIXED) + half;
  return {
    du: Math.round(a * FIXED),
    dv: Math.round(d * FIXED),
    row: (line: number): [u: number, v: number] => [at(a, b, c, line), at(d, e, f, line)],
  };
}
