import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/index.js';
import { halfBlocks } from '../../src/report/index.js';

const RED = [255, 0, 0];
const GRAY = [100, 130, 214];

test('two pixels a character; a last row alone has no background', () => {
  const pixels = Uint8Array.from([...RED, ...GRAY, ...GRAY, ...RED, ...RED, ...RED]);
  const [r, g] = ['2;255;0;0', '2;100;130;214'];
  const pair = (above: string, below: string) => `\u001b[38;${above}m\u001b[48;${below}m▀`;
  expect(halfBlocks(pixels, 2).split('\n')).toEqual([
    `${pair(r, g)}${pair(g, r)}\u001b[0m`,
    `\u001b[38;${r}m\u001b[49m▀\u001b[38;${r}m\u001b[49m▀\u001b[0m`,
  ]);
});

test('with 256 colors each channel is the nearest of six levels', () => {
  const levels = [0, 95, 135, 175, 215, 255];
  const nearest = (v: number) =>
    levels.indexOf(levels.reduce((a, b) => (Math.abs(b - v) < Math.abs(a - v) ? b : a)));
  for (let v = 0; v < 256; v++) {
    // In the middle between two levels either will do.
    if (levels.some((a, i) => a + (levels[i + 1] ?? 0) === 2 * v)) continue;
    const text = halfBlocks(Uint8Array.of(v, 0, 255, 0, 0, 0), 1, { depth: 8 });
    expect(text, `${v}`).toBe(`\u001b[38;5;${16 + 36 * nearest(v) + 5}m\u001b[48;5;16m▀\u001b[0m`);
  }
});

test('bytes that are no whole rows are refused', () => {
  expect(() => halfBlocks(new Uint8Array(9), 2)).toThrow(UsageError);
  expect(() => halfBlocks(new Uint8Array(9), 0)).toThrow(/whole rows of 0 pixels/);
});
