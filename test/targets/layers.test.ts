/** Boxes and keypoints behind a rectangle, computed by its corners and checked pixel by pixel. */
import { expect, it } from 'vitest';
import { type BatchOp, type MixLayer, paired, withPatch } from '../../src/augment/index.js';
import { Draws, fold, keyOf, type MovedTargets, Registry } from '../../src/core/index.js';
import { mixTargetRows } from '../../src/stream/mix/mix-targets.js';

const [WIDTH, HEIGHT] = [23, 17];
const size = { size: 2, width: WIDTH, height: HEIGHT };

function moved(rows: readonly MovedTargets[], layers: (row: number, partner: number) => readonly MixLayer[]) {
  const op = { name: 'op', follow: { kind: 'layers', layers: () => paired([[0, 1]], layers) } };
  const known = new Registry('operator', [op as unknown as BatchOp]);
  const rules = { hides: [false, false], avoid: [] };
  return mixTargetRows([{ op: 'op', params: {} }], rows, rules, size, known);
}

it('row 4: what a rectangle leaves of 2,000 boxes and points is what its pixels leave', () => {
  let [gone, whole, part] = [0, 0, 0];
  for (let i = 0; i < 1000; i++) {
    const draws = new Draws(fold(keyOf(i), 5));
    // Often along the edges of pixels and of the rectangle, where rounding shows.
    const along = (most: number) => (draws.chance(0.5) ? draws.int(most + 1) : draws.uniform(0, most));
    const between = (most: number) => [along(most), along(most)].sort((a, b) => a - b) as [number, number];
    const [a0, a1] = [draws.int(WIDTH), draws.int(WIDTH + 1)].sort((a, b) => a - b) as [number, number];
    const [b0, b1] = [draws.int(HEIGHT), draws.int(HEIGHT + 1)].sort((a, b) => a - b) as [number, number];
    const patch = [a0, b0, a1, b1] as const;
    const rows = [0, 1].map((label): MovedTargets => {
      const [[x0, x1], [y0, y1]] = [between(WIDTH), between(HEIGHT)];
      const box = [x0, y0, Math.max(x1, x0 + 0.01), Math.max(y1, y0 + 0.01)] as const;
      const items = Array.from({ length: 4 }, () => ({ x: along(WIDTH), y: along(HEIGHT) }));
      return { format: 'voc', boxes: [{ box, label }], keypoints: items, rules: {} };
    });
    const layer = (row: number) => ({ from: row, to: patch, shift: [0, 0] as const });
    const corners = moved(rows, (row, partner) => withPatch(row, layer(partner), size));
    const pixels = moved(rows, (row, partner) => [
      {
        from: row,
        to: [0, 0, WIDTH, HEIGHT],
        shift: [0, 0],
        shows: (x, y) => x < a0 || x >= a1 || y < b0 || y >= b1,
      },
      layer(partner),
    ]);
    corners.forEach(({ boxes = [], keypoints }, row) => {
      const other = pixels[row]?.boxes ?? [];
      expect(
        boxes.map(({ label }) => label),
        `case ${i}`,
      ).toEqual(other.map(({ label }) => label));
      boxes.forEach((box, k) => {
        box.box.forEach((v, c) => {
          expect(v, `case ${i}`).toBeCloseTo(other[k]?.box[c] as number, 9);
        });
        expect(box.visible ?? 1, `case ${i}`).toBeCloseTo(other[k]?.visible ?? 1, 6);
        if (box.label === row) box.visible === undefined ? whole++ : part++;
      });
      gone += Number(!boxes.some(({ label }) => label === row));
      expect(keypoints, `case ${i}`).toEqual(pixels[row]?.keypoints);
    });
  }
  expect(Math.min(gone, whole, part)).toBeGreaterThan(50);
});
