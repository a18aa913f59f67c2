/** How images get to their size. */
import { describe, expect, it } from 'vitest';
import { horizontalFlip, lower, ops } from '../../src/augment/index.js';
import { prepared } from '../../src/prepare/definition.js';
import type { PlanRow } from '../../src/prepare/plan/plan.js';
import { drawnRow } from '../../src/prepare/render/drawn-row.js';
import { dataset } from './here.js';

const all = ops();

/** Sides of the whole picture where it is largest, and of what is left of it. */
function sizeOf(fields: object, width: number, height: number, augmented: boolean) {
  const { rules } = prepared({ source: dataset('', {}, ['one']), ...fields });
  const image = { kind: 'file', path: 'a.png' } as const;
  const about = { key: 'a-1', id: 'a.png', sha256: '', format: 'png', plain: true, label: 0, copy: 1 };
  const row: PlanRow = { ...about, image, width, height, augmented };
  const transforms = [horizontalFlip({ p: 1 })];
  const { recipe } = drawnRow(row, { rules, transforms, seed: 0, classes: ['one'], labels: true });
  const plan = lower(recipe, width, height, all);
  const first = recipe.find(({ op }) => op === 'resize')?.params as { size: [number, number] } | undefined;
  return { size: [plan.height, plan.width], scaled: first?.size };
}

describe.each([true, false])('augmented: %s', (augmented) => {
  it('within shrinks what is larger, and enlarges nothing', () => {
    const fields = { size: 64, fit: 'within' };
    expect(sizeOf(fields, 40, 30, augmented).size).toEqual([30, 40]);
    expect(sizeOf(fields, 128, 96, augmented).size).toEqual([48, 64]);
  });

  it('cover scales no further than the size needs', () => {
    const { size, scaled } = sizeOf({ size: [100, 200] }, 2000, 1500, augmented);
    expect(size).toEqual([100, 200]);
    expect(scaled).toEqual([150, 200]);
    expect(sizeOf({ size: 100 }, 300, 1000, augmented).scaled).toEqual([333, 100]);
  });

  it('exact stretches, and what has its size stays', () => {
    expect(sizeOf({ size: [10, 20], fit: 'exact' }, 30, 30, augmented).size).toEqual([10, 20]);
    expect(sizeOf({ size: [10, 20], fit: 'exact' }, 20, 10, augmented).scaled).toBeUndefined();
  });
});
