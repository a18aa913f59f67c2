import { expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { grains } from '../../src/datasets/made/grain.js';

test('noise has no mean and the deviation that was asked for, and depends on the key alone', () => {
  const noise = grains(keyOf(1), 40_000, 7);
  const mean = noise.reduce((sum, v) => sum + v, 0) / noise.length;
  const deviation = Math.sqrt(noise.reduce((sum, v) => sum + (v - mean) ** 2, 0) / noise.length);
  // Four standard errors of 40,000 numbers.
  expect(Math.abs(mean)).toBeLessThan(0.14);
  expect(Math.abs(deviation - 7)).toBeLessThan(0.1);
  expect(grains(keyOf(1), 9, 7)).toEqual(noise.slice(0, 9));
  expect(grains(keyOf(2), 9, 7)).not.toEqual(noise.slice(0, 9));
  expect(new Set(grains(keyOf(1), 9, 0).map(Math.abs))).toEqual(new Set([0]));
});
