/** Outlines that are cut to nearly nothing, and outlines that are not convex. */
import { describe, expect, it } from 'vitest';
import { followPoint, lower, moveBoxes, ops, parseRecipe } from '../../src/augment/index.js';
import type { Move } from '../../src/augment/plan/plan.js';
import type { Boxes } from '../../src/core/index.js';

const registry = ops();

const movesOf = (width: number, height: number, ...draws: unknown[]): readonly Move[] =>
  lower(parseRecipe(draws, registry), width, height, registry).moves;

describe('row 7: a strip that rounding left of a box', () => {
  // The crop begins at x = 60, where the boxes end.
  const moves = movesOf(
    100,
    100,
    { op: 'randomCrop', params: { size: [100, 40], x: 1, y: 0 } },
    { op: 'rotate', params: { angle: 45 } },
  );
  const kept = (boxes: Boxes) => moveBoxes(boxes, moves, 100, 100).length;

  it('does not become a box when it is rotated', () => {
    const at = (x1: number): Boxes => ({ format: 'voc', items: [{ box: [5, 10, x1, 90], label: 0 }] });
    expect([60, 60.0000001, 60.0005].map((x1) => kept(at(x1)))).toEqual([0, 0, 0]);
    expect(kept(at(60.5))).toBe(1);
  });

  it('nor in a format of shares', () => {
    const third = 0.1 + 0.2; // 0.30000000000000004
    const items = [{ box: [third, 0.5, third + 0.3, 0.8], label: 0 } as const];
    expect(kept({ format: 'yolo', items })).toBe(0);
  });
});

describe('row 1: what a warp bent out of a crop', () => {
  const cases = [
    {
      size: [70, 87],
      box: [5, 16, 19, 71],
      strength: 0.6711203984450549,
      at: [0.50754162, 0.95758664],
      angle: 351.24245,
    },
    {
      size: [73, 105],
      box: [41, 28, 73, 105],
      strength: 0.7664396946784109,
      at: [0.08677535, 0.98081722],
      angle: 6.314388,
    },
  ] as const;
  for (const { size, box, strength, at, angle } of cases) {
    it(`adds nothing to the box of [${box.join(', ')}]`, () => {
      const [w, h] = size;
      const [x, y] = at;
      const crop = { size: [Math.floor(h * 0.6), Math.floor(w * 0.6)], x, y };
      const moves = movesOf(
        w,
        h,
        { op: 'fisheye', params: { strength } },
        { op: 'randomCrop', params: crop },
        { op: 'rotate', params: { angle } },
      );
      const [moved] = moveBoxes({ format: 'voc', items: [{ box, label: 0 }] }, moves, w, h);
      const seen = visiblePart(box, moves, w, h);
      const [xs, ys] = [seen.map(([u]) => u), seen.map(([, v]) => v)];
      const around = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      const errors = around.map((v, k) => Math.abs(v - (moved?.box[k] as number)));
      expect(Math.max(...errors)).toBeLessThan(2.5);
    });
  }
});

/** Where the points of a fine grid over a box go, those that stay in sight. */
function visiblePart(
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  moves: readonly Move[],
  width: number,
  height: number,
): (readonly [number, number])[] {
  const steps = Array.from({ length: 201 }, (_, k) => k / 200);
  return steps.flatMap((u) =>
    steps.flatMap((v) => {
      const found = followPoint(moves, [x0 + (x1 - x0) * u, y0 + (y1 - y0) * v], width, height);
      return found.visible ? [found.at] : [];
    }),
  );
}
