/**
 * What of a decoded image a plan reads: the rest need not be decoded. And the plan for the same image decoded at a
 * fraction of its size.
 */
import type { Shrunk, View, Window } from '../../core/view.js';
import {
  footprint,
  type Geometry,
  isExact,
  isInside,
  isSeparable,
  type Resampling,
  type Warp,
} from '../../kernels/index.js';
import { isWhole, type Pass, type Plan, type Step } from './plan.js';

/** Radius of each filter in pixels of the coarser side. */
const RADIUS: Record<Resampling, number> = { nearest: 1, bilinear: 1, bicubic: 2, lanczos: 3 };

/** What a plan reads of its image; undefined where it reads all of it, as it is. */
export function seenBy({ passes }: Plan, width: number, height: number): View | undefined {
  const first = passes[0];
  const geometry = first && movesOf(first);
  if (!geometry) return undefined;
  const window = windowSeen(geometry, width, height);
  const shrink = shrinkOf(geometry);
  const all = window[0] === 0 && window[1] === 0 && window[2] === width && window[3] === height;
  return all && shrink === 1 ? undefined : { window, shrink };
}

// What follows runs for every image: numbers are read by index, as in kernels/geometry.ts, and for its reason.

/** The move that a pass begins with; none where a filter, a blend, statistics or a warp read the whole image. */
function movesOf({ filter, blend, geometry, steps }: Pass): Geometry | undefined {
  if (filter || blend || 'kind' in geometry || isWhole(geometry)) return undefined;
  return steps.some(measures) ? undefined : geometry;
}

const measures = ({ kind }: Step) => kind === 'meanLuma' || kind === 'histogram';

function windowSeen(geometry: Geometry, width: number, height: number): Window {
  const { window } = geometry;
  const left = Math.max(0, Math.floor(window[0]));
  const top = Math.max(0, Math.floor(window[1]));
  const right = Math.min(width, Math.ceil(window[2]));
  const bottom = Math.min(height, Math.ceil(window[3]));
  // What is mirrored at the border may come from far inside.
  if (geometry.border === 'reflect' && !isInside(geometry)) return [left, top, right, bottom];
  const seen = footprint(geometry);
  const pad = margins(geometry);
  const x0 = begins(seen[0] - pad[0], left, right);
  const y0 = begins(seen[1] - pad[1], top, bottom);
  return [x0, y0, ends(seen[2] + pad[0], x0, right), ends(seen[3] + pad[1], y0, bottom)];
}

/** The first of the pixels [low, high) that is seen; at least one is: the nearest is what a repeated edge shows. */
const begins = (from: number, low: number, high: number) =>
  Math.min(Math.max(Math.floor(from), low), high - 1);
const ends = (to: number, begin: number, high: number) => Math.max(begin + 1, Math.min(Math.ceil(to), high));

const EXACT: [number, number] = [1, 1];

/** How far beyond its footprint a geometry reads, with a pixel for the rounding of coordinates. */
function margins(geometry: Geometry): [x: number, y: number] {
  if (isExact(geometry)) return EXACT;
  const [x, y] = scales(geometry);
  const stretched = geometry.antialias && isSeparable(geometry);
  const reach = (scale: number) => RADIUS[geometry.interpolation] * (stretched ? Math.max(1, scale) : 1) + 1;
  return [reach(x), reach(y)];
}

/** Input pixels per output pixel along the axes of the input. */
const scales = ({ matrix: [a, b, , d, e] }: Geometry): [x: number, y: number] => [
  Math.hypot(a, b),
  Math.hypot(d, e),
];

/** Without antialiasing single pixels are picked, which a smaller image no longer has. */
function shrinkOf(geometry: Geometry): View['shrink'] {
  if (!geometry.antialias || geometry.interpolation === 'nearest' || !isSeparable(geometry)) return 1;
  const least = Math.min(...scales(geometry));
  return least >= 8 ? 8 : least >= 4 ? 4 : least >= 2 ? 2 : 1;
}

/** The plan for an image decoded at a fraction of its size: it renders what the plan renders from the full one, of the same size. */
export function shrunkPlan(plan: Plan, image: Shrunk): Plan {
  const [first, ...rest] = plan.passes as [Pass, ...Pass[]];
  const geometry = shrunkGeometry(first.geometry, image);
  return { ...plan, passes: [{ ...first, geometry }, ...rest] };
}

function shrunkGeometry(
  geometry: Geometry | Warp,
  { width, height, shrink, offset: [x, y] }: Shrunk,
): Geometry {
  const { matrix, window, ...rest } = geometry as Geometry;
  const [a, b, c, d, e, f] = matrix;
  const [x0, y0, x1, y1] = window;
  return {
    ...rest,
    matrix: [a / shrink, b / shrink, c / shrink + x, d / shrink, e / shrink, f / shrink + y],
    window: [
      Math.max(0, x0 / shrink + x),
      Math.max(0, y0 / shrink + y),
      Math.min(width, x1 / shrink + x),
      Math.min(height, y1 / shrink + y),
    ],
  };
}
