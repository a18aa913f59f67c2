/** The judge's arithmetic against NumPy and SciPy, and what it must notice. */
import { beforeAll, describe, expect, test } from 'vitest';
import { Draws, keyOf } from '../../src/core/index.js';
import { type Features, squaredDistance } from '../../src/gan/judge/features.js';
import { frechetDistance } from '../../src/gan/judge/frechet-distance.js';
import { verdict, warningOf } from '../../src/gan/judge/judge.js';
import { kernelDistance } from '../../src/gan/judge/kernel-distance.js';
import { covered, diversity, memorized, nearest } from '../../src/gan/judge/neighbors.js';
import { eigen, squareRoot } from '../../src/gan/judge/symmetric.js';
import { loadBackend } from '../../src/train/index.js';
import type { Golden } from '../train/golden.js';
import { golden } from './golden.js';

beforeAll(async () => {
  await loadBackend('auto');
});

const known = golden<{
  real: Golden;
  fake: Golden;
  fid: number;
  fidFew: number;
  few: number;
  kid: number;
  precision: number;
  recall: number;
  symmetric: number[];
  eigenvalues: number[];
}>('judging.json');

const features = ({ shape, values }: Golden, count = shape[0]): Features => ({
  data: Float32Array.from(values).subarray(0, count * shape[1]),
  count,
  width: shape[1],
  labels: new Int32Array(count),
});

/** Points of a normal distribution about a place, of two classes. */
function cloud(seed: number, count: number, { at = 0, scale = 1, width = 8 } = {}): Features {
  const draws = new Draws(keyOf(seed));
  return {
    data: Float32Array.from({ length: count * width }, () => at + scale * draws.normal()),
    count,
    width,
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  };
}

describe('follows NumPy and SciPy', () => {
  const [real, fake] = [features(known.real), features(known.fake)];
  const relative = (value: number, wanted: number) => Math.abs(value - wanted) / Math.abs(wanted);

  test('distances', () => {
    expect(relative(frechetDistance(real, fake), known.fid)).toBeLessThan(1e-6);
    // Without full rank the square root of SciPy is itself off in the sixth digit or so.
    expect(relative(frechetDistance(real, features(known.fake, known.few)), known.fidFew)).toBeLessThan(1e-4);
    expect(relative(kernelDistance(real, fake).distance, known.kid)).toBeLessThan(1e-9);
    expect(frechetDistance(real, real)).toBeCloseTo(0, 8);
  });

  test.each([
    ['two classes one after the other, the second off', 1],
    ['equal distributions', 0],
  ])('the error of the kernel distance is its spread over other samples: %s', (_, second) => {
    const sample = (seed: number, at: number): Features => {
      const [one, two] = [cloud(seed, 100), cloud(seed + 1, 100, { at })];
      return { ...one, count: 200, data: Float32Array.from([...one.data, ...two.data]) };
    };
    const found = Array.from({ length: 40 }, (_, i) =>
      kernelDistance(sample(4 * i, 0), sample(4 * i + 2, second)),
    );
    const mean = found.reduce((sum, { distance }) => sum + distance / 40, 0);
    const spread = Math.sqrt(found.reduce((sum, { distance }) => sum + (distance - mean) ** 2 / 39, 0));
    const error = found.reduce((sum, { error }) => sum + error / 40, 0);
    expect(error / spread).toBeGreaterThan(0.75);
    // Of equal distributions the jackknife says up to √2 too much; values on ten subsets said 4 times too much.
    expect(error / spread).toBeLessThan(1.7);
  });

  test('precision and recall', () => {
    expect(covered(fake, real)).toBeCloseTo(known.precision, 12);
    expect(covered(real, fake)).toBeCloseTo(known.recall, 12);
    expect(known.precision).not.toBe(known.recall);
  });

  test('eigenvalues, and the square root of a matrix', () => {
    const { values } = eigen(known.symmetric, 7);
    [...values]
      .sort((a, b) => a - b)
      .forEach((value, i) => {
        expect(Math.abs(value - known.eigenvalues[i])).toBeLessThan(1e-10 * known.eigenvalues[6]);
      });
    const root = squareRoot(known.symmetric, 7);
    known.symmetric.forEach((wanted, at) => {
      let sum = 0;
      for (let k = 0; k < 7; k++) sum += root[Math.floor(at / 7) * 7 + k] * root[k * 7 + (at % 7)];
      expect(sum).toBeCloseTo(wanted, 9);
    });
  });
});

describe('judge metrics', () => {
  const judged = (generated: Features, training?: Features) =>
    verdict(cloud(1, 300), { ...generated, predicted: generated.labels }, training);

  test('equal distributions are near and pass; the unbiased kernel distance is about 0', async () => {
    const said = await judged(cloud(2, 300), cloud(3, 300));
    expect(Math.abs(said.kid)).toBeLessThan(3 * said.kidError);
    expect(said.precision).toBeGreaterThan(0.8);
    expect(said.recall).toBeGreaterThan(0.8);
    expect(said.memorized).toBeLessThan(0.04);
    expect(said.recognized).toBe(1);
    expect(warningOf(said)).toBeUndefined();
  });

  test('shifted points: large distances and precision 0', async () => {
    const said = await judged(cloud(2, 300, { at: 3 }));
    expect(said.kid).toBeGreaterThan(20 * said.kidError);
    expect(said.precision).toBe(0);
  });

  test('collapse: one point per class keeps precision, loses recall, and is reported', async () => {
    const said = await judged(cloud(2, 300, { scale: 0.02 }));
    expect(said.precision).toBeGreaterThan(0.9);
    expect(said.recall).toBeLessThan(0.1);
    expect(said.collapsed).toBe(1);
    expect(warningOf(said)).toMatch(
      /^the model has collapsed: its images of a class differ \d % as much as real ones do \(the bound is 50 %\)/,
    );
  });

  test('copies of training images', async () => {
    const training = cloud(4, 300);
    const copies = { ...training, data: training.data.map((v) => v + 1e-3) };
    expect(await memorized(copies, cloud(1, 300), training)).toBe(1);
    expect([...(await nearest(copies, training)).rows]).toEqual([...training.labels.keys()]);
    const half = cloud(5, 300);
    half.data.set(copies.data.subarray(0, half.data.length / 2));
    expect(await memorized(half, cloud(1, 300), training)).toBeCloseTo(0.5, 1);
  });

  test('nearest of many equals the nearest found one by one', async () => {
    const [points, among] = [cloud(6, 40, { at: 5 }), cloud(7, 9000, { at: 5 })];
    const { rows, distances } = await nearest(points, among);
    for (let i = 0; i < points.count; i++) {
      const all = Array.from({ length: among.count }, (_, j) =>
        Math.sqrt(squaredDistance(points, i, among, j)),
      );
      expect(rows[i]).toBe(all.indexOf(Math.min(...all)));
      expect(distances[i]).toBe(all[rows[i]]);
    }
    expect(Math.max(...rows)).toBeGreaterThan(8192);
  });

  test('diversity is a ratio of distances', () => {
    expect(diversity(cloud(2, 300, { scale: 0.7 }), cloud(3, 300))).toBeCloseTo(0.7, 1);
  });
});
