import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runsOf } from '../../src/io/annotations/coco-masks.js';
import {
  areaOf,
  paint,
  RleFault,
  runsOfCounts,
  runsOfId,
  runsOfPolygon,
  runsOfText,
  textOfRuns,
} from '../../src/io/annotations/rle.js';

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly counts: string;
  readonly area: number;
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/annotations/masks.json', import.meta.url), 'utf8'),
) as {
  readonly polygons: readonly (Golden & { readonly segmentation: number[][] })[];
  readonly runs: readonly (Golden & { readonly plain: number[] })[];
};

test('polygons become the pixels of pycocotools', () => {
  expect(golden.polygons.length).toBe(120);
  for (const { width, height, segmentation, counts, area } of golden.polygons) {
    const ids = new Uint8Array(width * height);
    for (const runs of runsOf(segmentation, width, height)) paint(runs, 1, ids, width, height);
    const runs = runsOfId(ids, 1, width, height);
    expect(textOfRuns(runs), JSON.stringify({ width, height, segmentation })).toBe(counts);
    expect(areaOf(runs)).toBe(area);
  }
  expect(golden.polygons.filter(({ area }) => area > 0).length).toBeGreaterThan(100);
});

test('runs are read and written as pycocotools does', () => {
  for (const { width, height, counts, plain, area } of golden.runs) {
    const runs = runsOfText(counts, width * height);
    expect([...runs]).toEqual([...runsOfCounts(plain, width * height)]);
    expect(textOfRuns(runs)).toBe(counts);
    expect(areaOf(runs)).toBe(area);
  }
});

test('any mask survives runs and their text', () => {
  const mask = fc
    .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))
    .chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        ids: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 2 }),
      }),
    );
  fc.assert(
    fc.property(mask, ({ width, height, ids }) => {
      const runs = runsOfId(ids, 1, width, height);
      const back = new Uint8Array(width * height);
      paint(runsOfText(textOfRuns(runs), width * height), 1, back, width, height);
      expect([...back]).toEqual([...ids].map((id) => Number(id === 1)));
    }),
    { numRuns: 200, seed: 17 },
  );
});

test.each([
  ['run lengths of another sum', () => runsOfCounts([1, 2], 4), 'more or fewer pixels'],
  ['run lengths beyond the image', () => runsOfCounts([1, 2 ** 52], 4), 'more or fewer pixels'],
  ['a negative run length', () => runsOfCounts([1, -1], 4), 'no whole numbers'],
  ['a run length that is text', () => runsOfCounts(['4'], 4), 'no whole numbers'],
  ['runs that are no text of runs', () => runsOfText('\u0000', 4), 'damaged'],
  ['runs that end within a number', () => runsOfText('P', 4), 'damaged'],
  ['a number that never ends', () => runsOfText('o'.repeat(1000), 4), 'damaged'],
  ['a negative run', () => runsOfText('O', 4), 'damaged'],
  ['a polygon far beyond its image', () => runsOfPolygon([0, 0, 1e12, 0, 0, 1e12], 4, 4), 'too far'],
  ['two corners', () => runsOf([[0, 0, 1, 1]], 4, 4), 'three corners'],
  ['an odd number of coordinates', () => runsOf([[0, 0, 1, 1, 2, 2, 3]], 4, 4), 'three corners'],
  ['a corner at infinity', () => runsOf([[0, 0, 1, 1, 2, Infinity]], 4, 4), 'finite'],
  ['another size', () => runsOf({ size: [4, 5], counts: [20] }, 4, 4), 'another size'],
  ['no counts', () => runsOf({ size: [4, 4] }, 4, 4), 'without counts'],
])('%s is refused', (_, read, reason) => {
  expect(read).toThrow(RleFault);
  expect(read).toThrow(reason);
});
