import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Dataset, Draws, fold, keyOf, UsageError } from '../../src/core/index.js';
import { openToys10, TOYS, toys10InMemory } from '../../src/datasets/index.js';
import { photograph } from '../../src/datasets/toys10/pictures.js';
import { render } from '../../src/datasets/toys10/render.js';
import { sceneOf } from '../../src/datasets/toys10/scene.js';
import { Solids, tallness } from '../../src/datasets/toys10/solids.js';
import { toy } from '../../src/datasets/toys10/toys.js';
import { scratchFolder } from './make.js';

const folder = scratchFolder();
const options = { seed: 3, split: 'train', size: 32 } as const;
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const pixelsOf = (data: Dataset, i: number) => (data.item(i).image as { data: Uint8Array }).data;

test('a picture depends on seed, split and index alone', async () => {
  const group = await photograph(10, 5, options);
  const [alone] = await photograph(13, 1, options);
  expect(alone?.jpeg.equals(group[3]?.jpeg as Buffer)).toBe(true);
  expect(group.map(({ label, index }) => [label, index])).toEqual([0, 1, 2, 3, 4].map((i) => [i, 10 + i]));
  for (const other of [{ seed: 4 }, { split: 'test' as const }]) {
    const [first] = await photograph(13, 1, { ...options, ...other });
    expect(first?.jpeg.equals(alone?.jpeg as Buffer)).toBe(false);
  }
});

test('kept in a folder, in memory and in a larger set they are the same', async () => {
  const wanted = { count: 24, dataSeed: 3, dir: join(folder, 'toys') };
  const kept = await openToys10(wanted);
  const memory = await toys10InMemory({ count: 24, dataSeed: 3 });
  const larger = await toys10InMemory({ count: 40, dataSeed: 3, concurrency: 5 });
  expect([kept.length, kept.classes, kept.name]).toEqual([24, [...TOYS], 'toys10-train']);
  expect(kept.item(13).label).toBe(3);
  expect(memory.item(13).id).toBe('toys10-train/donut-000013');
  for (const i of [0, 23]) expect(sha(pixelsOf(memory, i))).toBe(sha(pixelsOf(larger, i)));
  const marker = join(wanted.dir, 'v1-32px-seed3-train-24', 'complete.json');
  expect(JSON.parse(readFileSync(marker, 'utf8'))).toMatchObject({ version: 1, count: 24 });
  let told = 0;
  await openToys10({ ...wanted, onProgress: () => told++ });
  expect(told).toBe(0);
  await expect(openToys10({ size: 8 })).rejects.toThrow(UsageError);
});

test('a picture of another size shows the same scene', () => {
  const scene = sceneOf(1, new Draws(keyOf(5)));
  const [small, large] = [render(scene, 16), render(scene, 64)];
  const mean = (pixels: Buffer, size: number, x: number, y: number) => {
    const side = size / 4;
    let sum = 0;
    for (let j = 0; j < side; j++)
      for (let i = 0; i < side; i++) sum += pixels[3 * ((y * side + j) * size + x * side + i)] as number;
    return sum / side ** 2;
  };
  for (const x of [0, 1, 2, 3])
    for (const y of [0, 1, 2, 3])
      expect(Math.abs(mean(small, 16, x, y) - mean(large, 64, x, y)), `${x}, ${y}`).toBeLessThan(12);
});

describe('solids', () => {
  test.each(TOYS.map((name, label) => [name, label] as const))(
    '%s: no distance is longer than the way to the surface, and the toy stands on the floor',
    (_, label) => {
      for (let seed = 0; seed < 5; seed++) {
        const draws = new Draws(fold(keyOf(seed), label));
        const solids = new Solids(toy(label, draws));
        const lowest = Math.min(...solids.parts.map((part) => part.at[1] - tallness(part)));
        for (let i = 0; i < 2000; i++) {
          const [x, y, z] = [draws.uniform(-1.5, 1.5), draws.uniform(-0.3, 2.9), draws.uniform(-1.5, 1.5)];
          const d = solids.distance(x, y, z);
          // A ray that goes as far as it may must not be inside: balls are met a little late at their flat sides.
          if (d > 0.02) {
            const [dx, dy, dz] = [draws.normal(), draws.normal(), draws.normal()];
            const far = (0.6 * d) / Math.hypot(dx, dy, dz);
            expect(solids.distance(x + far * dx, y + far * dy, z + far * dz)).toBeGreaterThan(-0.02);
          }
        }
        expect(lowest).toBeGreaterThan(-0.12);
        expect(lowest).toBeLessThan(0.05);
      }
    },
  );
});

test('color and brightness do not tell the class', async () => {
  const train = features(await toys10InMemory({ count: 300, size: 16 }));
  const held = features(await toys10InMemory({ count: 200, size: 16, split: 'test' }));
  // Nearest class mean of mean color: chance is 10 %, a telling color would show.
  const means = TOYS.map((_, label) => {
    const own = train.filter((f) => f.label === label).map((f) => f.values);
    return [0, 1, 2].map((k) => own.reduce((sum, v) => sum + (v[k] as number), 0) / own.length);
  });
  const right = held.filter(({ label, values }) => {
    const far = means.map((mean) => Math.hypot(...mean.map((m, k) => m - (values[k] as number))));
    return far.indexOf(Math.min(...far)) === label;
  });
  expect(right.length / held.length).toBeLessThan(0.25);
});

function features(data: Dataset): { label: number; values: number[] }[] {
  return Array.from({ length: data.length }, (_, i) => {
    const pixels = pixelsOf(data, i);
    const values = [0, 1, 2].map(
      (c) => pixels.reduce((sum, v, p) => (p % 3 === c ? sum + v : sum), 0) / (pixels.length / 3),
    );
    return { label: data.item(i).label as number, values };
  });
}
