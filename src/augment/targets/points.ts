/** Where the moves of a plan take a point of the image: the inverse of what pixels do. */
import type { Geometry, Matrix } from '../../kernels/index.js';
import type { Move } from '../plan/plan.js';

export type Point = readonly [x: number, y: number];

/** Continuous coordinates, pixel centres at ½, after all moves. */
export function movePoint(moves: readonly Move[], [x, y]: Point): Point {
  let at: Point = [x, y];
  for (const { to } of moves) at = 'kind' in to ? to.forward(at[0], at[1]) : apply(inverse(to.matrix), at);
  return at;
}

/** True when the moves turn left into right: keypoints that come in pairs then change places. */
export function mirrors(moves: readonly Move[]): boolean {
  let flips = 0;
  for (const { to } of moves) if (!('kind' in to) && determinant(to.matrix) < 0) flips++;
  return flips % 2 === 1;
}

/** Width and height after all moves of an image of this size. */
export function finalSize(moves: readonly Move[], width: number, height: number): [number, number] {
  const last = moves.at(-1);
  return last ? [last.to.width, last.to.height] : [width, height];
}

const determinant = ([a, b, , d, e]: Matrix): number => a * e - b * d;

const apply = ([a, b, c, d, e, f]: Matrix, [x, y]: Point): Point => [a * x + b * y + c, d * x + e * y + f];

const inverses = new WeakMap<Geometry['matrix'], Matrix>();

function inverse(matrix: Matrix): Matrix {
  const known = inverses.get(matrix);
  if (known) return known;
  const [a, b, c, d, e, f] = matrix;
  const det = determinant(matrix);
  const made: Matrix = [e / det, -b / det, (b * f - e * c) / det, -d / det, a / det, (d * c - a * f) / det];
  inverses.set(matrix, made);
  return made;
}
