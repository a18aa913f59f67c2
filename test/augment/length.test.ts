/** Lengths as shares: what suits a small image suits a large one. */
import { describe, expect, it } from 'vitest';
import { batchCutoutTransform, cutout, lower, ops, padCrop, parseRecipe } from '../../src/augment/index.js';
import { fold, keyOf, linear } from '../../src/core/index.js';
import type { Geometry } from '../../src/kernels/index.js';
import { render } from '../../src/testing/render.js';

const registry = ops();

/** The greatest width of a hole in a white picture of this size. */
function widest(operator: ReturnType<typeof cutout>, width: number, height: number): number {
  const white = { width, height, data: new Uint8Array(3 * width * height).fill(255) };
  const widths = Array.from({ length: 40 }, (_, seed) => {
    const recipe = operator.transform.draw(fold(keyOf(seed), 0), 0);
    const { data } = render(parseRecipe(JSON.stringify(recipe), registry), white);
    const rows = Array.from({ length: height }, (_, y) => data.subarray(3 * width * y, 3 * width * (y + 1)));
    return Math.max(...rows.map((row) => row.filter((v) => v === 0).length / 3));
  });
  return Math.max(...widths);
}

describe('cutout by share', () => {
  it('covers as much of the shorter side whatever the size', () => {
    for (const [wide, high, pixels] of [
      [32, 32, 8],
      [224, 224, 56],
      [400, 100, 25],
    ] as const) {
      expect(widest(cutout({ size: { share: 0.25 } }), wide, high)).toBe(pixels);
    }
  });

  it('follows a schedule', () => {
    const growing = cutout({ size: { share: linear(0, 1) } }).transform;
    expect(growing.draw(keyOf(1), 0.5)[0]?.params.size).toEqual({ share: 0.5 });
  });

  it('a length in pixels draws the same pixels as before', () => {
    expect(cutout(linear(0, 9)).transform.draw(keyOf(1), 0.5)[0]?.params.size).toBe(5);
  });
});

describe('padCrop by share', () => {
  const shifts = (padding: Parameters<typeof padCrop>[0], width: number, height: number) =>
    Array.from({ length: 3000 }, (_, seed) => {
      const recipe = padCrop(padding).transform.draw(fold(keyOf(seed), 0), 0);
      const { geometry } = lower(recipe, width, height, registry).passes[0]!;
      const { matrix } = geometry as Geometry;
      return [matrix[2], matrix[5]] as const;
    });

  it('reaches every shift equally often, as far as pixels would', () => {
    const counts = new Map<number, number>();
    for (const [x] of shifts({ padding: { share: 0.125 } }, 32, 32)) counts.set(x, (counts.get(x) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    const mean = 3000 / 9;
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(4 * Math.sqrt(mean));
  });

  it('is a share of width and of height', () => {
    const all = shifts({ padding: { share: 0.1 } }, 50, 20);
    expect(Math.max(...all.map(([x]) => Math.abs(x)))).toBe(5);
    expect(Math.max(...all.map(([, y]) => Math.abs(y)))).toBe(2);
  });
});

it('batchCutout by share', () => {
  const bound = batchCutoutTransform({ size: { share: 0.5 } });
  const boxes = Array.from({ length: 50 }, (_, seed) => {
    const [draw] = bound.draw(keyOf(seed), { size: 2, height: 40, width: 100, progress: 0 });
    return draw?.params.box as number[];
  });
  expect(Math.max(...boxes.map(([x0, , x1]) => (x1 as number) - (x0 as number)))).toBe(20);
});

it('magnitudes are shares', () => {
  expect(cutout.spec.magnitude?.(1)).toEqual({ size: { share: 0.5 } });
  expect(padCrop.spec.magnitude?.(0.5)).toEqual({ padding: { share: 0.125 } });
});
