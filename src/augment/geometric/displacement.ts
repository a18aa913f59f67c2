/**
 * Warps by a field of displacements: an output pixel at p shows what the image has at p + d(p). The field is
 * given at the nodes of a lattice that covers the image and is interpolated between them, linearly or by
 * uniform cubic B-splines (smooth, but not through the nodes).
 */
import type { Border, Color, Interpolation } from '../../kernels/index.js';
import type { PlanBuilder } from '../plan/plan.js';

export interface Lattice {
  readonly columns: number;
  readonly rows: number;
  /** Place of node (0, 0) and distance between nodes, in pixels. */
  readonly left: number;
  readonly top: number;
  readonly pitchX: number;
  readonly pitchY: number;
  /** [rows, columns] each, in pixels. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  readonly spline: Spline;
}

/** Weights of consecutive nodes at a place between two of them: `lead` nodes before the left one come first. */
export interface Spline {
  readonly taps: number;
  readonly lead: number;
  readonly weights: (t: number, into: Float64Array, at: number) => void;
}

export const LINEAR: Spline = {
  taps: 2,
  lead: 0,
  weights(t, into, at) {
    into[at] = 1 - t;
    into[at + 1] = t;
  },
};

export const CUBIC: Spline = {
  taps: 4,
  lead: 1,
  weights(t, into, at) {
    const s = 1 - t;
    into[at] = (s * s * s) / 6;
    into[at + 1] = (3 * t * t * t - 6 * t * t + 4) / 6;
    into[at + 2] = (3 * s * s * s - 6 * s * s + 4) / 6;
    into[at + 3] = (t * t * t) / 6;
  },
};

export interface Sampling {
  readonly interpolation: Interpolation;
  readonly border: Border;
  readonly fill: Color;
}

/** Moves pixels by the field; the output has the image's size. */
export function displace(lattice: Lattice, sampling: Sampling, plan: PlanBuilder): void {
  const { width, height } = plan;
  const { columns, left, pitchX, spline } = lattice;
  const { taps } = spline;
  const first = new Int32Array(width);
  const across = new Float64Array(taps * width);
  for (let x = 0; x < width; x++) {
    first[x] = nodes(spline, columns, (x + 0.5 - left) / pitchX, across, taps * x);
  }
  const line = new Float64Array(2 * columns);
  plan.warp({
    ...sampling,
    width,
    height,
    row(y, xs, ys) {
      columnsAt(lattice, y, line);
      for (let x = 0, i = 0; x < width; x++) {
        let u = x + 0.5;
        let v = y + 0.5;
        for (let c = 2 * first[x]!, end = i + taps; i < end; i++, c += 2) {
          u += across[i]! * line[c]!;
          v += across[i]! * line[c + 1]!;
        }
        xs[x] = u;
        ys[x] = v;
      }
    },
    fast(kernels, regions, shift) {
      const lineAt = regions.at('lattice line', 16 * columns);
      const firstAt = regions.at('lattice first', 4 * width);
      const acrossAt = regions.at('lattice weights', 8 * taps * width);
      regions.int32(firstAt, width).set(first);
      regions.float64(acrossAt, taps * width).set(across);
      return (y, us, vs) => {
        columnsAt(lattice, y, regions.float64(lineAt, 2 * columns));
        kernels.latticeRow(lineAt, firstAt, acrossAt, taps, y + 0.5, shift, width, us, vs);
      };
    },
    forward: inverse((x, y) => displacementAt(lattice, x, y)),
  });
}

/** dx, dy of each column of nodes, interpolated at output row y. */
function columnsAt({ columns, rows, top, pitchY, dx, dy, spline }: Lattice, y: number, line: Float64Array) {
  const { taps } = spline;
  const down = new Float64Array(taps);
  const row = nodes(spline, rows, (y + 0.5 - top) / pitchY, down, 0);
  line.fill(0);
  for (let k = 0, i = row * columns; k < taps; k++) {
    const w = down[k]!;
    for (let c = 0; c < 2 * columns; c += 2, i++) {
      line[c]! += w * dx[i]!;
      line[c + 1]! += w * dy[i]!;
    }
  }
}

/** The first of the nodes that count at a place, whose weights go into `weights` from `at` on. */
function nodes(spline: Spline, count: number, place: number, weights: Float64Array, at: number): number {
  const last = count - spline.taps + spline.lead;
  const i = Math.min(last, Math.max(spline.lead, Math.floor(place)));
  spline.weights(Math.min(1, Math.max(0, place - i)), weights, at);
  return i - spline.lead;
}

function displacementAt(lattice: Lattice, x: number, y: number): Point {
  const { columns, left, top, pitchX, pitchY, dx, dy, spline } = lattice;
  const { taps } = spline;
  const weights = new Float64Array(2 * taps);
  const column = nodes(spline, columns, (x - left) / pitchX, weights, 0);
  const row = nodes(spline, lattice.rows, (y - top) / pitchY, weights, taps);
  let u = 0;
  let v = 0;
  for (let j = 0; j < taps; j++) {
    for (let i = 0; i < taps; i++) {
      const w = weights[i]! * weights[taps + j]!;
      const at = (row + j) * columns + column + i;
      u += w * dx[at]!;
      v += w * dy[at]!;
    }
  }
  return [u, v];
}

type Point = readonly [number, number];

/** Tolerance in pixels, below what is visible. */
const CLOSE = 1e-3;
const ROUNDS = 40;

/**
 * Where a point of the image goes: the p with p + d(p) = (x, y), by p ← (x, y) − d(p), which converges unless the field is so
 * steep that it folds the image; there by Newton's steps, shortened until they help.
 */
export function inverse(displacement: (x: number, y: number) => Point) {
  return (x: number, y: number): Point => {
    const miss = (p: Point): Point => {
      const [dx, dy] = displacement(p[0], p[1]);
      return [p[0] + dx - x, p[1] + dy - y];
    };
    let best: Point = [x, y];
    let error = miss(best);
    for (let round = 0; round < ROUNDS && size(error) > CLOSE; round++) {
      const simple: Point = [best[0] - error[0], best[1] - error[1]];
      const missed = miss(simple);
      if (size(missed) < 0.7 * size(error)) {
        best = simple;
        error = missed;
        continue;
      }
      const step = newton(miss, best, error);
      let share = 1;
      let next = best;
      let nextError = error;
      do {
        next = [best[0] - share * step[0], best[1] - share * step[1]];
        nextError = miss(next);
        share /= 2;
      } while (size(nextError) >= size(error) && share > 1e-3);
      if (size(nextError) >= size(error)) break;
      best = next;
      error = nextError;
    }
    return best;
  };
}

const size = ([x, y]: Point) => Math.hypot(x, y);

function newton(miss: (p: Point) => Point, [x, y]: Point, [ex, ey]: Point): Point {
  const h = 0.05;
  const [ax, ay] = miss([x + h, y]);
  const [bx, by] = miss([x, y + h]);
  const [a, b, c, d] = [(ax - ex) / h, (bx - ex) / h, (ay - ey) / h, (by - ey) / h];
  const det = a * d - b * c;
  if (Math.abs(det) < 1e-6) return [ex, ey];
  return [(d * ex - b * ey) / det, (a * ey - c * ex) / det];
}
