import { expect, test } from 'vitest';
import { added, channelsOf, moments, NO_PIXELS } from '../../src/prepare/render/statistics.js';

test('sums are exact, beyond what 32 bits hold', () => {
  for (const pixels of [0, 1, 15, 16, 17, 65_536, 65_537, 300_007]) {
    for (const value of [(i: number) => (i * 7919) & 255, () => 255]) {
      const data = Uint8Array.from({ length: 3 * pixels }, (_, i) => value(i));
      const [sum, squares] = [
        [0, 0, 0],
        [0, 0, 0],
      ];
      for (const [i, x] of data.entries()) {
        sum[i % 3] = (sum[i % 3] as number) + x;
        squares[i % 3] = (squares[i % 3] as number) + x * x;
      }
      expect(channelsOf(data)).toEqual({ pixels, sum, squares });
    }
  }
});

test('of two images is that of both', () => {
  const [black, white] = [channelsOf(new Uint8Array(300)), channelsOf(new Uint8Array(300).fill(255))];
  const { mean, std } = moments(added(added(NO_PIXELS, black), white));
  expect(mean).toEqual([0.5, 0.5, 0.5]);
  expect(std).toEqual([0.5, 0.5, 0.5]);
});
