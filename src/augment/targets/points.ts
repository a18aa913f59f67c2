/** Where the moves of a plan take points and outlines of the image: the inverse of what pixels do. */
import { expected, RxaugError } from '../../core/index.js';
import type { Geometry, Matrix } from '../../kernels/index.js';
import type { Move } from '../plan/plan.js';
import { SLIVER } from './box-rules.js';
import { areaOf, type Corners, clip, densified, isThin, type Point } from './polygon.js';

/** Continuous coordinates, pixel centers at ½, after all moves, whether it stays in the image or not. */
export function movePoint(moves: readonly Move[], point: Point): Point {
  let at = point;
  for (const { to } of moves) at = forward(to, at);
  return at;
}

/** Rounding of float64 coordinates, in pixels. */
const ROUNDING = 1e-6;

/** A point after all moves, and whether it was in sight before, between and after them: the border counts as inside. */
export function followPoint(
  moves: readonly Move[],
  point: Point,
  width: number,
  height: number,
): { at: Point; visible: boolean } {
  let at = point;
  let visible = isIn(at, [0, 0, width, height]);
  for (const move of moves) {
    visible &&= isIn(at, seenBy(move));
    at = forward(move.to, at);
    visible &&= isIn(at, [0, 0, move.to.width, move.to.height]);
  }
  return { at, visible };
}

const isIn = ([x, y]: Point, [x0, y0, x1, y1]: Corners) =>
  x >= x0 - ROUNDING && y >= y0 - ROUNDING && x <= x1 + ROUNDING && y <= y1 + ROUNDING;

/** What is left of an outline after all moves. */
export interface Followed {
  /** Empty where nothing is left. */
  readonly outline: readonly Point[];
  /** How much of its area was never cut off, in [0, 1]. */
  readonly share: number;
}

/** Pixels between corners of an outline that a warp bends, and corners on a side at the most. */
const SPACING = 3;
const MOST = 48;

/** An outline through all moves, cut at what each of them sees and at what each of them keeps. */
export function followOutline(outline: readonly Point[], moves: readonly Move[]): Followed {
  let at = outline;
  let share = 1;
  const keep = (region: Corners) => {
    const left = clip(at, region);
    if (left === at) return;
    const before = areaOf(at);
    share = before > 0 ? (share * areaOf(left)) / before : 0;
    // A strip that rounding left beyond a border would be a box with an area once it is rotated.
    at = isThin(left, SLIVER) ? [] : left;
  };
  for (const move of moves) {
    const { to } = move;
    keep(seenBy(move));
    if (at.length === 0) break;
    const bent = 'kind' in to ? densified(at, SPACING, MOST) : at;
    at = bent.map((point) => forward(to, point));
    keep([0, 0, to.width, to.height]);
    if (at.length === 0) break;
  }
  return { outline: at, share };
}

/** The part of its input that a move may see: its window within the image. */
function seenBy({ width, height, to }: Move): Corners {
  if ('kind' in to) return [0, 0, width, height];
  const [x0, y0, x1, y1] = to.window;
  return [Math.max(0, x0), Math.max(0, y0), Math.min(width, x1), Math.min(height, y1)];
}

function forward(to: Move['to'], [x, y]: Point): Point {
  if ('kind' in to) {
    const at = to.forward(x, y);
    if (Number.isFinite(at[0]) && Number.isFinite(at[1])) return at;
    throw new RxaugError(
      expected('warp: forward', 'two finite numbers', at, `fix what it gives for (${x}, ${y})`),
    );
  }
  const [a, b, c, d, e, f] = inverse(to.matrix);
  return [a * x + b * y + c, d * x + e * y + f];
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

const inverses = new WeakMap<Geometry['matrix'], Matrix>();

function inverse(matrix: Matrix): Matrix {
  const known = inverses.get(matrix);
  if (known) return known;
  const [a, b, c, d, e, f] = matrix;
  const det = determinant(matrix);
  const made: Matrix = [e / det, -b / det, (b * f - e * c) / det, -d / det, a / det, (d * c - a * f) / det];
  if (!made.every(Number.isFinite)) {
    const fix = 'masks, boxes and keypoints cannot follow one that lays all pixels on a line';
    throw new RxaugError(expected('geometry', 'a matrix that can be undone', matrix, fix));
  }
  inverses.set(matrix, made);
  return made;
}
