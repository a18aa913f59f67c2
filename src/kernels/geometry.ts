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

/** The matrix of `first` followed by `then`: output coordinates go back through `then`, then through `first`. */
export function multiply(first: Matrix, then: Matrix): Matrix {
  const [a, b, c, d, e, f] = first;
  const [A, B, C, D, E, F] = then;
  return [a * A + b * D, a * B + b * E, a * C + b * F + c, d * A + e * D, d * B + e * E, d * C + e * F + f];
}

/** True when every output pixel is exactly one input pixel: flips, quarter turns, whole-pixel shifts. */
export function isExact({ matrix: [a, b, c, d, e, f] }: Geometry): boolean {
  const straight = Math.abs(a) === 1 && Math.abs(e) === 1 && b === 0 && d === 0;
  const turned = Math.abs(b) === 1 && Math.abs(d) === 1 && a === 0 && e === 0;
  return (straight || turned) && Number.isInteger(c) && Number.isInteger(f);
}

/** True when rows map to rows or to columns: scalings, crops, flips, quarter turns. */
export function isAxisAligned({ matrix: [a, b, , d, e] }: Geometry): boolean {
  return (b === 0 && d === 0) || (a === 0 && e === 0);
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
function image([a, b, c, d, e, f]: Matrix, [x0, y0, x1, y1]: Box): Box {
  const xs = [a * x0 + b * y0, a * x1 + b * y0, a * x0 + b * y1, a * x1 + b * y1];
  const ys = [d * x0 + e * y0, d * x1 + e * y0, d * x0 + e * y1, d * x1 + e * y1];
  return [c + Math.min(...xs), f + Math.min(...ys), c + Math.max(...xs), f + Math.max(...ys)];
}

/** The bounding box in the input of the output rectangle. */
export const footprint = ({ matrix, width, height }: Geometry): Box => image(matrix, [0, 0, width, height]);

const SLACK = 1e-6;

/** True when nothing outside the window is seen. */
export function isInside(geometry: Geometry): boolean {
  const [x0, y0, x1, y1] = footprint(geometry);
  const [X0, Y0, X1, Y1] = geometry.window;
  return x0 >= X0 - SLACK && y0 >= Y0 - SLACK && x1 <= X1 + SLACK && y1 <= Y1 + SLACK;
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

const isTurn = ({ matrix: [a] }: Geometry) => a === 0;
const isShift = ({ matrix: [a, , , , e] }: Geometry) => a === 1 && e === 1;

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
