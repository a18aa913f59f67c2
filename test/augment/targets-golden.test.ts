/**
 * Masks, boxes and keypoints after 500 chains of moves, as albumentations 2.0.8 moves them. Whatever differs by more
 * than the bounds is explained by a model of albumentations: with the named ways of its own exchanged for ours, the
 * model gives what ours does. The names are explained in ../golden/targets/README.md.
 */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  Engine,
  lower,
  maskPlan,
  moveBoxes,
  moveKeypoints,
  ops,
  packIds,
  parseRecipe,
  unpackIds,
} from '../../src/augment/index.js';
import type { Move, Plan } from '../../src/augment/plan/plan.js';
import type { Recipe } from '../../src/core/index.js';
import {
  BOX_WAYS,
  boxThere,
  type Chain,
  type Limits,
  POINT_WAYS,
  pointsThere,
} from './albumentations-model.js';
import type { Corners, Point } from './outlines.js';

/** Half of the hundredth that stored coordinates are rounded to. */
const STORED = 0.005;
/** How far apart the two libraries may be: pixels, pixels, the share of a mask's pixels. */
const BOX = 1 + STORED;
const POINT = 0.5 + STORED;
const UNEQUAL = 0.005;

interface Stored extends Limits {
  readonly size: [number, number];
  readonly boxes: Corners[];
  readonly points: Point[];
  readonly recipe: unknown[];
  /** By draw, the one that places pixels where albumentations does, if another does. */
  readonly placed?: (unknown | null)[];
  readonly out: {
    readonly size: [number, number];
    readonly boxes: [number, ...Corners][];
    readonly points: [number, ...Point][];
  };
}

interface Case extends Omit<Stored, 'size' | 'recipe' | 'placed'>, Chain {
  readonly name: string;
  /** [H, W] after the chain. */
  readonly mask: Uint8Array;
}

const registry = ops();
const engine = new Engine();

const golden: { ground: number; masks: string; cases: Stored[] } = JSON.parse(
  readFileSync(new URL('../golden/targets/chains.json', import.meta.url), 'utf8'),
);
const cases = read();

function read(): Case[] {
  const lines = inflateSync(Buffer.from(golden.masks, 'base64'));
  let at = 0;
  return golden.cases.map(({ size: [width, height], recipe, placed, ...rest }, k) => {
    const [w, h] = rest.out.size;
    const mask = Uint8Array.from(lines.subarray(at, at + w * h));
    at += w * h;
    // Each row is stored as the difference to the one above.
    for (let i = w; i < mask.length; i++) mask[i]! += mask[i - w]!;
    return {
      ...rest,
      mask,
      size: { width, height },
      name: `chain ${k}`,
      recipe: parseRecipe(recipe, registry),
      placed: parseRecipe(
        recipe.map((draw, i) => placed?.[i] ?? draw),
        registry,
      ),
    };
  });
}

/** Object i fills box i with the id i + 1: rectangles, and ellipses where i is odd. */
function drawn({ size: { width, height }, boxes }: Case): Uint8Array {
  const ids = new Uint8Array(width * height).fill(golden.ground);
  boxes.forEach(([x0, y0, x1, y1], i) => {
    const [a, b] = [x1 - x0, y1 - y0];
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const [u, v] = [(2 * x + 1 - x0 - x1) * b, (2 * y + 1 - y0 - y1) * a];
        if (i % 2 === 0 || u * u + v * v <= a * b * a * b) ids[y * width + x] = i + 1;
      }
    }
  });
  return ids;
}

const planOf = ({ size }: Case, recipe: Recipe): Plan => lower(recipe, size.width, size.height, registry);

function maskOf(sample: Case, plan: Plan): Uint8Array {
  const { width, height } = sample.size;
  const moved = maskPlan(plan, width, height);
  const out = new Uint8Array(3 * moved.width * moved.height);
  const target = { width: moved.width, height: moved.height, dtype: 'uint8', layout: 'HWC' } as const;
  engine.run(moved, { data: packIds(drawn(sample)), width, height }, { ...target, data: out });
  const ids = new Uint8Array(moved.width * moved.height);
  unpackIds(out, ids);
  return ids;
}

/** By the number that each had. */
const byIndex = <T extends readonly number[]>(found: readonly [number, ...T][]): Map<number, T> =>
  new Map(found.map(([i, ...values]) => [i, values as unknown as T]));

function ourBoxes(sample: Case, recipe: Recipe, limits: Limits): Map<number, Corners> {
  const { minVisibility, minArea } = limits;
  const items = sample.boxes.map((box, label) => ({ box, label }));
  const boxes = {
    format: 'voc',
    items,
    ...(minVisibility && { minVisibility }),
    ...(minArea && { minArea }),
  } as const;
  const moved = moveBoxes(boxes, planOf(sample, recipe).moves, sample.size.width, sample.size.height);
  return new Map(moved.map(({ box, label }) => [label, box]));
}

function ourPoints(sample: Case, recipe: Recipe): Map<number, Point> {
  const items = sample.points.map(([x, y]) => ({ x, y }));
  const moved = moveKeypoints({ items }, planOf(sample, recipe).moves, sample.size.width, sample.size.height);
  return new Map(moved.flatMap(({ x, y, visible }, i) => (visible ? [[i, [x, y]]] : [])));
}

/** Both left out, or both kept and so close. */
function near(one: readonly number[] | undefined, other: readonly number[] | undefined, by: number): boolean {
  if (!one || !other) return one === other;
  return one.every((v, k) => Math.abs(v - (other[k] as number)) <= by);
}

/** The smallest set of albumentations' ways that, exchanged for ours, leaves no difference. */
function reason<W extends string>(ways: readonly W[], agrees: (ways: ReadonlySet<W>) => boolean): string {
  const sets = Array.from({ length: 2 ** ways.length }, (_, bits) => ways.filter((_, k) => (bits >> k) & 1));
  sets.sort((a, b) => a.length - b.length);
  const found = sets.find((set) => agrees(new Set(set)));
  return found ? found.join(' + ') || 'equal' : 'unexplained';
}

const tally = (reasons: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of [...reasons].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

describe('500 chains, as albumentations 2.0.8 moves them', () => {
  it('masks have at least 99.5 % equal pixels, or the reason is known', () => {
    expect(tally(cases.map(maskReason))).toEqual({ equal: 382, rounding: 117, ties: 1 });
  });

  it('boxes are within 1 px, or the reason is known', () => {
    expect(tally(cases.flatMap(boxReasons))).toEqual({
      equal: 1182,
      'box of a box': 242,
      'box of a box + raster': 22,
      limits: 4,
      raster: 12,
      rounding: 22,
      'rounding + box of a box': 14,
      'rounding + box of a box + raster': 5,
      'rounding + raster': 1,
    });
  });

  it('keypoints are within 0.5 px, or the reason is known', () => {
    expect(tally(cases.flatMap(pointReasons))).toEqual({
      equal: 1432,
      border: 5,
      raster: 125,
      rounding: 160,
      'rounding + raster': 13,
      'rounding + scaled index': 6,
      'scaled index': 12,
    });
  });

  it('the model does what albumentations does', () => {
    let counted = 0;
    for (const sample of cases) {
      const boxes = byIndex<Corners>(sample.out.boxes);
      const points = byIndex<Point>(sample.out.points);
      const there = new Map(pointsThere(sample, sample.points, new Set(), registry));
      const wrong = [
        ...sample.boxes.filter(
          (box, i) => !near(boxThere(sample, box, sample, new Set(), registry), boxes.get(i), 2 * STORED),
        ),
        ...sample.points.filter((_, i) => !near(there.get(i), points.get(i), 2 * STORED)),
      ];
      expect(wrong, sample.name).toEqual([]);
      counted += sample.boxes.length + sample.points.length;
    }
    expect(counted).toBe(3257);
  });

  it('the model with every way exchanged for ours does what ours does', () => {
    for (const sample of cases) {
      const boxes = ourBoxes(sample, sample.recipe, sample);
      const points = ourPoints(sample, sample.recipe);
      const there = new Map(pointsThere(sample, sample.points, new Set(POINT_WAYS), registry));
      const wrong = [
        ...sample.boxes.filter(
          (box, i) => !near(boxThere(sample, box, sample, new Set(BOX_WAYS), registry), boxes.get(i), 0.01),
        ),
        ...sample.points.filter((_, i) => !near(there.get(i), points.get(i), 0.001)),
      ];
      expect(wrong, sample.name).toEqual([]);
    }
  });

  it('where boxes differ, ours is the one around the pixels', () => {
    const found = { differ: 0, ours: 0, theirs: 0 };
    for (const sample of cases) {
      const theirs = byIndex<Corners>(sample.out.boxes);
      const ours = ourBoxes(sample, sample.placed, {});
      sample.boxes.forEach((box, i) => {
        const [one, other] = [ours.get(i), theirs.get(i)];
        if (one && (!other || near(one, other, BOX))) return;
        const pixels = aroundPixels(sample, box);
        if (pixels) expect(one, `${sample.name}, box ${i} is in sight`).toBeDefined();
        if (!pixels || !one || !other) return;
        found.differ++;
        if (near(one, pixels, 2)) found.ours++;
        if (near(other, pixels, 2)) found.theirs++;
      });
    }
    expect(found).toEqual({ differ: 300, ours: 296, theirs: 46 });
  });
});

/** The box around what a mask shows of a filled box after the chain. */
function aroundPixels(sample: Case, box: Corners): Corners | undefined {
  const ids = maskOf({ ...sample, boxes: [box] }, planOf(sample, sample.placed));
  const [width] = sample.out.size;
  let around: Corners | undefined;
  ids.forEach((id, i) => {
    if (id !== 1) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    const [x0, y0, x1, y1] = around ?? [x, y, x, y];
    around = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + 1), Math.max(y1, y + 1)];
  });
  return around;
}

function unequal(one: Uint8Array, ...others: readonly Uint8Array[]): number {
  let count = 0;
  for (let i = 0; i < one.length; i++) if (others.every((other) => other[i] !== one[i])) count++;
  return count / one.length;
}

const MASK_WAYS = ['rounding', 'ties'] as const;

function maskReason(sample: Case): string {
  const [w, h] = sample.out.size;
  return reason(MASK_WAYS, (ways) => {
    const plan = planOf(sample, ways.has('rounding') ? sample.placed : sample.recipe);
    if (plan.width !== w || plan.height !== h) return false;
    const plans = ways.has('ties') ? SIDES.map((side) => leaning(plan, side)) : [plan];
    return unequal(sample.mask, ...plans.map((one) => maskOf(sample, one))) <= UNEQUAL;
  });
}

/** To the left and up, or not: which of two pixels that are equally near is taken. */
const SIDES = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

function leaning(plan: Plan, [left, up]: (typeof SIDES)[number]): Plan {
  const moves = plan.moves.map((move): Move => {
    if ('kind' in move.to) return move;
    const [a, b, c, d, e, f] = move.to.matrix;
    return { ...move, to: { ...move.to, matrix: [a, b, c - 1e-4 * left, d, e, f - 1e-4 * up] } };
  });
  return { ...plan, moves };
}

function boxReasons(sample: Case): string[] {
  const theirs = byIndex<Corners>(sample.out.boxes);
  const ours = ourBoxes(sample, sample.recipe, sample);
  return sample.boxes.map((box, i) => {
    if (near(theirs.get(i), ours.get(i), BOX)) return 'equal';
    return reason(BOX_WAYS, (ways) => near(boxThere(sample, box, sample, ways, registry), ours.get(i), BOX));
  });
}

function pointReasons(sample: Case): string[] {
  const theirs = byIndex<Point>(sample.out.points);
  const ours = ourPoints(sample, sample.recipe);
  return sample.points.map((_, i) => {
    if (near(theirs.get(i), ours.get(i), POINT)) return 'equal';
    return reason(POINT_WAYS, (ways) => {
      const there = new Map(pointsThere(sample, sample.points, ways, registry));
      return near(there.get(i), ours.get(i), POINT);
    });
  });
}
