/** t-quantiles and t-intervals against SciPy's. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { meanInterval, studentQuantile } from '../../src/report/student-t.js';

const golden: {
  readonly quantiles: readonly (readonly [p: number, degrees: number, value: number])[];
  readonly intervals: readonly (readonly [values: number[], interval: readonly [number, number]])[];
} = JSON.parse(readFileSync(new URL('../golden/report/student-t.json', import.meta.url), 'utf8'));

test('studentQuantile agrees with SciPy to 1e-9', () => {
  expect(golden.quantiles.length).toBeGreaterThan(80);
  for (const [p, degrees, value] of golden.quantiles) {
    const error = Math.abs(studentQuantile(p, degrees) - value) / Math.max(1, Math.abs(value));
    expect(error, `p ${p}, ${degrees} degrees`).toBeLessThan(1e-9);
  }
});

test('meanInterval agrees with SciPy', () => {
  for (const [values, [low, high]] of golden.intervals) {
    const interval = meanInterval(values);
    expect(interval?.low).toBeCloseTo(low, 12);
    expect(interval?.high).toBeCloseTo(high, 12);
    expect(interval?.count).toBe(values.length);
  }
});

test('meanInterval never makes an interval of one value', () => {
  expect(meanInterval([0.3])).toEqual({ count: 1, mean: 0.3 });
  expect(meanInterval([])).toBeUndefined();
});

test.each([
  [0.4, 3],
  [1, 3],
  [Number.NaN, 3],
  [0.975, 0],
  [0.975, 2.5],
])('studentQuantile refuses p = %d with %d degrees', (p, degrees) => {
  expect(() => studentQuantile(p, degrees)).toThrow(/^studentQuantile: expected .+ but received/);
});
