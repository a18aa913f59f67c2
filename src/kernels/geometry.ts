/**
 * Geometries: where output pixels are read from. Coordinates are continuous: pixel i covers [i, i + 1), its center is
 * i + ½. A geometry maps output coordinates to input coordinates, so geometries compose by one matrix product and an
 * image is interpolated once.
 */

/** Row-major 2×3: x' = a·x + b·y + c, y' = d·x + e·y + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/** Pixels outside the image: one color, the repeated edge, or a mirror image that does not repeat the edge. */
export type Border = 'constant' | 'edge' | 'reflect';
export type Interpolation = 'nearest' | 'bilinear';
/** Interpolations by weights along each axis, for axis-aligned geometries. */
export type Smooth = 'bilinear' | 'bicubic' | 'lanczos';
export type Resampling = 'nearest' | Smooth;
/** [R, G, B] in 0..255. */
export type Color = readonly [number, number, number];

export interface Geometry {
  /** Output to input coordinates. */
  readonly matrix: Matrix;
  readonly width: number;
  readonly height: number;
  readonly border: Border;
  readonly fill: Color;
  /** Bicubic and Lanczos only where `isSeparable`. */
  readonly interpolation: Resampling;
  /** Widen the filter when shrinking, as Pillow does. Axis-aligned geometries only. */
  readonly antialias: boolean;
  /** The part [x0, y0, x1, y1] of the input that exists; outside it lies the border. */
  readonly window: Box;
}

export const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0];

// What follows runs several times for each image. Numbers are read by index: taking an array apart by a pattern calls its
// iterator, which allocates at every number and takes longer than the arithmetic.

/** The matrix of `first` followed by `then`: output coordinates go back through `then`, then through `first`. */
export function multiply(first: Matrix, then: Matrix): Matrix {
  const a = first[0];
  const b = first[1];
  const c = first[2];
  const d = first[3];
  const e = first[4];
  const f = first[5];
  const A = then[0];
  const B = then[1];
  const C = then[2];
  const D = then[3];
  const E = then[4];
  const F = then[5];
  return [a * A + b * D, a * B + b * E, a * C + b * F + c, d * A + e * D, d * B + e * E, d * C + e * F + f];
}

/** True when every output pixel is exactly one input pixel: flips, quarter turns, whole-pixel shifts. */
export function isExact({ matrix }: Geometry): boolean {
  const a = matrix[0];
  const b = matrix[1];
  const d = matrix[3];
  const e = matrix[4];
  const straight = Math.abs(a) === 1 && Math.abs(e) === 1 && b === 0 && d === 0;
  const turned = Math.abs(b) === 1 && Math.abs(d) === 1 && a === 0 && e === 0;
  return (straight || turned) && Number.isInteger(matrix[2]) && Number.isInteger(matrix[5]);
}

/** True when rows map to rows or to columns: scalings, crops, flips, quarter turns. */
export function isAxisAligned({ matrix }: Geometry): boolean {
  return (matrix[1] === 0 && matrix[3] === 0) || (matrix[0] === 0 && matrix[4] === 0);
}

const GRID = 2 ** 32;

/**
 * The matrix to 2⁻³² of a pixel: the grid that general sampling steps along. On it, whole-pixel moves before
 * or after change no sample.
 */
export function snapped(matrix: Matrix): Matrix {
  const [a, b, c, d, e, f] = matrix.map((v) => Math.round(v * GRID) / GRID) as [...Matrix];
  return [a, b, c, d, e, f];
}

/** The bounding box in the input of a rectangle of the output. */
function image(matrix: Matrix, box: Box): Box {
  const a = matrix[0];
  const b = matrix[1];
  const c = matrix[2];
  const d = matrix[3];
  const e = matrix[4];
  const f = matrix[5];
  const x0 = box[0];
  const y0 = box[1];
  const x1 = box[2];
  const y1 = box[3];
  const u0 = a * x0 + b * y0;
  const u1 = a * x1 + b * y0;
  const u2 = a * x0 + b * y1;
  const u3 = a * x1 + b * y1;
  const v0 = d * x0 + e * y0;
  const v1 = d * x1 + e * y0;
  const v2 = d * x0 + e * y1;
  const v3 = d * x1 + e * y1;
  return [
    c + Math.min(u0, u1, u2, u3),
    f + Math.min(v0, v1, v2, v3),
    c + Math.max(u0, u1, u2, u3),
    f + Math.max(v0, v1, v2, v3),
  ];
}

/** The bounding box in the input of the output rectangle. */
export const footprint = ({ matrix, width, height }: Geometry): Box => image(matrix, [0, 0, width, height]);

const SLACK = 1e-6;

/** True when nothing outside the window is seen. */
export function isInside(geometry: Geometry): boolean {
  const seen = footprint(geometry);
  const { window } = geometry;
  return (
    seen[0] >= window[0] - SLACK &&
    seen[1] >= window[1] - SLACK &&
    seen[2] <= window[2] + SLACK &&
    seen[3] <= window[3] + SLACK
  );
}

/** True where an interpolation is weights along rows and then along columns. */
export const isSeparable = (geometry: Geometry): boolean => isAxisAligned(geometry) && isInside(geometry);

/** Input pixels per output pixel along the coarser axis: above 1 the image shrinks. */
export function minification({ matrix: [a, b, , d, e] }: Geometry): number {
  return Math.max(Math.hypot(a, d), Math.hypot(b, e));
}

/**
 * `first` and then `then` as one geometry; undefined if one resampling cannot replace both.
 *
 * A whole-pixel move can be merged with its neighbors, and the pixels equal those of two passes to the byte, as long as
 * the visible windows are kept. Two interpolations are not merged: the blur, the loss by shrinking and the border of the
 * first are part of the image that the second reads.
 */
export function compose(first: Geometry, then: Geometry): Geometry | undefined {
  if (isExact(then) && isInside(then)) {
    const both = joined(first, first, then, first.window);
    // If rotated, or with its border out of sight, an axis-aligned resampling would be computed differently.
    const other = () => isTurn(then) || isInside(both) !== isInside(first);
    return !isExact(first) && isAxisAligned(first) && other() ? undefined : both;
  }
  if (!isExact(first) || !isInside(first)) return undefined;
  // Of two equally near pixels the right one counts; after a mirror it would be the left one.
  if (then.interpolation === 'nearest' && !isExact(then) && !isShift(first)) return undefined;
  return joined(then, first, then, image(first.matrix, then.window));
}

/** Lists the fields because this runs for every image, and a spread would take as long as everything else. */
function joined(look: Geometry, first: Geometry, then: Geometry, window: Box): Geometry {
  return {
    matrix: multiply(first.matrix, then.matrix),
    width: then.width,
    height: then.height,
    border: look.border,
    fill: look.fill,
    interpolation: look.interpolation,
    antialias: look.antialias,
    window,
  };
}

const isTurn = ({ matrix }: Geometry) => matrix[0] === 0;
const isShift = ({ matrix }: Geometry) => matrix[0] === 1 && matrix[4] === 1;

/** Index i of a line of n pixels under a border mode; −1 for the constant color. */
export function borderIndex(i: number, low: number, high: number, border: Border): number {
  if (i >= low && i < high) return i;
  if (border === 'constant') return -1;
  if (border === 'edge') return i < low ? low : high - 1;
  const n = high - low;
  if (n === 1) return low;
  const period = 2 * (n - 1);
  const k = (((i - low) % period) + period) % period;
  return low + (k < n ? k : period - k);
}
