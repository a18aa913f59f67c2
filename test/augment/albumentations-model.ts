/**
 * What albumentations 2.0.8 does to boxes and keypoints, move by move. Each way of its own can be exchanged for ours,
 * so that a difference between the two libraries gets a name: the way without which there is none.
 */
import { lower, movePoint, type Op } from '../../src/augment/index.js';
import type { Move } from '../../src/augment/plan/plan.js';
import type { Draw, Recipe, Registry } from '../../src/core/index.js';
import { inFrame, numbered, rasterizedBox, rasterizedPoints } from './albumentations-raster.js';
import {
  areaOf,
  type Corners,
  cutTo,
  hullOf,
  type Numbered,
  type Point,
  rectangle,
  type Size,
} from './outlines.js';

/** A chain: our recipe, and the one that places pixels where albumentations does. */
export interface Chain {
  readonly size: Size;
  readonly recipe: Recipe;
  readonly placed: Recipe;
}

export interface Limits {
  readonly minVisibility?: number;
  readonly minArea?: number;
}

/** Ways of albumentations' own, by the names that README.md explains. */
export const BOX_WAYS = ['rounding', 'box of a box', 'limits', 'half pixel', 'raster'] as const;
export const POINT_WAYS = ['rounding', 'scaled index', 'border', 'raster'] as const;
export type BoxWay = (typeof BOX_WAYS)[number];
export type PointWay = (typeof POINT_WAYS)[number];

/** How far an area may be from what is asked for. */
const EPSILON = 1e-7;
/** Pixels between the corners of an outline that a warp bends. */
const SPACING = 2;

/** One box after a chain, or undefined where it was left out. `ours` are the ways exchanged for ours. */
export function boxThere(
  chain: Chain,
  box: Corners,
  limits: Limits,
  ours: ReadonlySet<BoxWay>,
  ops: Registry<Op>,
): Corners | undefined {
  const { minVisibility = 0, minArea = 0 } = limits;
  let outline: readonly Point[] = rectangle(box);
  let share = 1;
  for (const { draw, move, to } of steps(chain, ours.has('rounding'), ops)) {
    if (move) outline = moved(draw, move, outline, ours);
    if (!ours.has('box of a box')) outline = rectangle(hullOf(outline));
    if (AFFINE.has(draw.op) && !touches(hullOf(outline), to)) return undefined;
    const before = areaOf(outline);
    outline = ours.has('box of a box') ? cutTo(outline, to) : rectangle(inFrame(hullOf(outline), to));
    if (outline.length === 0) return undefined;
    const after = areaOf(outline);
    share *= after / (before + EPSILON);
    if (before < EPSILON) return undefined;
    if (ours.has('limits')) continue;
    if (share < minVisibility || areaOf(rectangle(hullOf(outline))) < minArea - EPSILON) return undefined;
    share = 1;
  }
  const last = hullOf(outline);
  const area = areaOf(rectangle(last));
  // What has no area is left out by the next check there; ours leaves it out at once.
  const stays = area >= EPSILON && area >= minArea - EPSILON && share >= minVisibility - 1e-6;
  return stays ? last : undefined;
}

/** Keypoints after a chain with their numbers; those left out are missing. */
export function pointsThere(
  chain: Chain,
  points: readonly Point[],
  ours: ReadonlySet<PointWay>,
  ops: Registry<Op>,
): Numbered<Point>[] {
  let here = points.map(numbered);
  for (const { draw, move, from, to } of steps(chain, ours.has('rounding'), ops)) {
    if (WARPS.has(draw.op) && move && !ours.has('raster')) here = rasterizedPoints(move, here);
    else here = here.map(([i, point]) => [i, pointThere(draw, move, from, to, point, ours)]);
    here = here.filter(([, point]) => (ours.has('border') ? isIn(point, to) : isIndex(point, to)));
  }
  return here;
}

/** The border belongs to the image. */
const isIn = ([x, y]: Point, { width, height }: Size) =>
  x >= -1e-6 && y >= -1e-6 && x <= width + 1e-6 && y <= height + 1e-6;

/** Albumentations asks for an index from 0 to below the side: the image, half a pixel further on. */
const isIndex = ([x, y]: Point, { width, height }: Size) =>
  x >= 0.5 - 1e-9 && y >= 0.5 - 1e-9 && x < width + 0.5 && y < height + 0.5;

interface StepThere {
  readonly draw: Draw;
  /** Undefined where nothing moves. */
  readonly move: Move | undefined;
  readonly from: Size;
  readonly to: Size;
}

const known = { ours: new WeakMap<Chain, StepThere[]>(), theirs: new WeakMap<Chain, StepThere[]>() };

/** The moves of a chain one by one, of our recipe or of the placed one. */
function steps(chain: Chain, rounding: boolean, ops: Registry<Op>): StepThere[] {
  const found = known[rounding ? 'ours' : 'theirs'];
  const before = found.get(chain);
  if (before) return before;
  let from = chain.size;
  const all = chain.recipe.map((draw, k): StepThere => {
    const here = rounding ? draw : (chain.placed[k] as Draw);
    const [move] = lower([here], from.width, from.height, ops).moves;
    const to = move ? { width: move.to.width, height: move.to.height } : from;
    const step = { draw, move, from, to };
    from = to;
    return step;
  });
  found.set(chain, all);
  return all;
}

/** Moves of which albumentations takes a box by its pixels. */
const WARPS = new Set(['opticalDistortion']);
/** Moves that leave out at once what they put outside; the others leave a box without area. */
const AFFINE = new Set(['rotate', 'affine', 'translate', 'shear', 'shiftScaleRotate']);

const touches = ([x0, y0, x1, y1]: Corners, { width, height }: Size): boolean =>
  x1 > 0 && y1 > 0 && x0 < width && y0 < height;

function moved(
  { op }: Draw,
  move: Move,
  outline: readonly Point[],
  ours: ReadonlySet<BoxWay>,
): readonly Point[] {
  if (WARPS.has(op) && !ours.has('raster')) return rectangle(rasterizedBox(move, hullOf(outline)));
  // The matrix of a perspective takes indices of pixels, and gets corners.
  const half = op === 'perspective' && !ours.has('half pixel') ? 0.5 : 0;
  const bent = WARPS.has(op) ? finer(outline) : outline;
  return bent.map(([x, y]) => {
    const [u, v] = movePoint([move], [x + half, y + half]);
    return [u - half, v - half];
  });
}

function finer(outline: readonly Point[]): Point[] {
  return outline.flatMap(([x, y], i) => {
    const [u, v] = outline[(i + 1) % outline.length] as Point;
    const parts = Math.max(1, Math.ceil(Math.hypot(u - x, v - y) / SPACING));
    return Array.from(
      { length: parts },
      (_, k): Point => [x + ((u - x) * k) / parts, y + ((v - y) * k) / parts],
    );
  });
}

/** The index of a pixel times the factor of a resize, so that the center of a pixel does not stay one. */
function pointThere(
  { op, params }: Draw,
  move: Move | undefined,
  from: Size,
  to: Size,
  [x, y]: Point,
  ours: ReadonlySet<PointWay>,
): Point {
  const scaled = ours.has('scaled index') ? undefined : factors(op, params, from, to, move);
  if (!scaled) return move ? movePoint([move], [x, y]) : [x, y];
  const { left, top, fx, fy } = scaled;
  return [(x - 0.5 - left) * fx + 0.5, (y - 0.5 - top) * fy + 0.5];
}

/** What indices are multiplied by, which is not always what the image is resized by. */
function factors(op: string, params: Draw['params'], from: Size, to: Size, move: Move | undefined) {
  const { width, height } = from;
  const by = (factor: number) => ({ left: 0, top: 0, fx: factor, fy: factor });
  switch (op) {
    case 'resize':
      return { left: 0, top: 0, fx: to.width / width, fy: to.height / height };
    case 'randomScale':
      return by(Number(params.factor));
    case 'longestMaxSize':
      return by(Number(params.size) / Math.max(width, height));
    case 'smallestMaxSize':
      return by(Number(params.size) / Math.min(width, height));
    case 'randomResizedCrop': {
      if (!move || 'kind' in move.to) return undefined;
      const [left, top, right, bottom] = move.to.window;
      return { left, top, fx: to.width / (right - left), fy: to.height / (bottom - top) };
    }
    default:
      return undefined;
  }
}
