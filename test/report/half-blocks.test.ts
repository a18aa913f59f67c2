import { expect, test } from 'vitest';
import { consoleReporter } from '../../src/cli/console-reporter.js';
import { UsageError } from '../../src/core/index.js';
import { halfBlocks } from '../../src/report/half-blocks.js';

const RED = [255, 0, 0];
const GRAY = [100, 130, 214];
const [r, g] = ['2;255;0;0', '2;100;130;214'];
const pair = (above: string, below: string) => `\u001b[38;${above}m\u001b[48;${below}m▀`;
const END = '\u001b[0m';

test('two pixels a character, as many pictures side by side as fit', () => {
  const picture = Uint8Array.from([...RED, ...GRAY, ...GRAY, ...RED]);
  const one = `${pair(r, g)}${pair(g, r)}${END}`;
  const three = [picture, picture, picture];
  expect(halfBlocks(three, 2, 9)).toBe(`${one} ${one} ${one}`);
  expect(halfBlocks(three, 2, 8)).toBe(`${one} ${one} ${one}`);
  expect(halfBlocks(three, 2, 7)).toBe(`${one} ${one}`);
  expect(halfBlocks(three, 2, 1)).toBe('');
});

test('the last of an odd number of rows has no background', () => {
  const rows = halfBlocks([Uint8Array.from(Array.from({ length: 9 }, () => RED).flat())], 3, 80).split('\n');
  expect(rows).toEqual([`${pair(r, r).repeat(3)}${END}`, `${`\u001b[38;${r}m\u001b[49m▀`.repeat(3)}${END}`]);
});

test('with 256 colors each channel is the nearest of six levels', () => {
  const levels = [0, 95, 135, 175, 215, 255];
  const nearest = (v: number) =>
    levels.indexOf(levels.reduce((a, b) => (Math.abs(b - v) < Math.abs(a - v) ? b : a)));
  for (let v = 0; v < 256; v++) {
    // In the middle between two levels either will do.
    if (levels.some((a, i) => a + (levels[i + 1] ?? 0) === 2 * v)) continue;
    const text = halfBlocks([Uint8Array.of(v, 0, 255)], 1, 80, 8);
    expect(text, `${v}`).toBe(`\u001b[38;5;${16 + 36 * nearest(v) + 5}m\u001b[49m▀${END}`);
  }
});

test('refuses pictures of another size, on a terminal and elsewhere', () => {
  const [two, three] = [new Uint8Array(12), new Uint8Array(27)];
  const error = new UsageError(
    'pictures: picture 2: expected 12 RGB bytes, 2×2 pixels, but received 27; cut or resize it to a square of that side',
  );
  // One column shows none of them.
  for (const columns of [80, 1]) expect(() => halfBlocks([two, three], 2, columns)).toThrow(error);
  const reporter = consoleReporter(true);
  expect(() => reporter.next({ kind: 'pictures', pictures: [two, three], side: 2 })).toThrow(error);
  expect(() => halfBlocks([two], 1.5, 80)).toThrow(
    'pictures: side: expected a whole number of pixels but received 1.5',
  );
  expect(halfBlocks([], 0, 80)).toBe('');
});
