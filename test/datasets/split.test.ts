/** Parts of a data set share no image, whatever it is made of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Dataset, type Item, UsageError } from '../../src/core/index.js';
import { splitDataset } from '../../src/datasets/index.js';

const dir = mkdtempSync(join(tmpdir(), 'split-'));
afterAll(() => rmSync(dir, { recursive: true }));

const item = (id: string, label: Item['label'], bytes: readonly number[]): Item => ({
  id,
  label,
  image: { kind: 'bytes', bytes: Uint8Array.from(bytes) },
});
const dataset = (items: readonly Item[], classes = ['a', 'b']): Dataset => ({
  name: 'things',
  classes,
  length: items.length,
  item: (i) => items[i] as Item,
});
/** n of each class, all different. */
const many = (n: number) => Array.from({ length: 2 * n }, (_, i) => item(`${i}`, i % 2, [i >> 8, i & 255]));
const ids = (data: Dataset) => Array.from({ length: data.length }, (_, i) => data.item(i).id);

describe('splitDataset', () => {
  it('gives each part its share of each class, and leaves the rest out', () => {
    const { train, test } = splitDataset(dataset(many(100)), { train: 0.6, test: 0.3 });
    for (const [part, count] of [
      [train, 60],
      [test, 30],
    ] as const) {
      const labels = Array.from({ length: part.length }, (_, i) => part.item(i).label);
      expect([0, 1].map((label) => labels.filter((one) => one === label).length)).toEqual([count, count]);
      expect(part.classes).toEqual(['a', 'b']);
    }
    expect(new Set([...ids(train), ...ids(test)]).size).toBe(180);
    expect([train.name, test.name]).toEqual(['things (train)', 'things (test)']);
  });

  it('depends on bytes and seed, not on the order of the data set or on names', () => {
    const items = many(50);
    const of = (all: readonly Item[], seed = 0) =>
      ids(splitDataset(dataset(all), { one: 0.5 }, { seed }).one).sort();
    expect(of([...items].reverse())).toEqual(of(items));
    const renamed = items.map((one) => ({ ...one, id: `x${one.id}` }));
    expect(of(renamed)).toEqual(of(items).map((id) => `x${id}`));
    expect(of(items, 1)).not.toEqual(of(items));
  });

  it('keeps images with the same bytes together, under two labels too', () => {
    const twins = many(40).flatMap((one, i) => [
      one,
      { ...one, id: `${i} again`, label: i % 3 === 0 ? 1 : 0 },
    ]);
    const { left, right } = splitDataset(dataset(twins), { left: 0.5, right: 0.5 });
    expect(left.length + right.length).toBe(160);
    for (const part of [left, right]) {
      const own = new Set(ids(part));
      for (const id of own) if (!id.endsWith('again')) expect(own).toContain(`${id} again`);
    }
  });

  it('reads files and ranges of files, and pixels with their shape', () => {
    const file = join(dir, 'bytes');
    writeFileSync(file, Uint8Array.from([1, 2, 1, 2, 3, 4]));
    const at = (offset: number): Item['image'] => ({ kind: 'range', path: file, offset, length: 2 });
    const data = Uint8Array.from([1, 2]);
    const own: Item['image'][] = [
      at(0),
      at(2),
      at(4),
      { kind: 'file', path: file },
      { kind: 'pixels', data, width: 2, height: 1, channels: 1 },
      { kind: 'pixels', data, width: 1, height: 2, channels: 1 },
    ];
    const all = own.map((image, i) => ({ id: `${i}`, image, label: 0 }));
    const shares = { a: 0.2, b: 0.2, c: 0.2, d: 0.2, e: 0.2 };
    const parts = Object.values(splitDataset(dataset(all, ['one']), shares)).map((part) => ids(part));
    // Five different ones, of which the first two are one.
    expect(parts.map((part) => part.join()).sort()).toEqual(['0,1', '2', '3', '4', '5']);
  });

  it('tells problems once, and refuses an image that is not there', () => {
    const problems = [{ where: 'x', reason: 'is empty' }] as never;
    const { one, two } = splitDataset({ ...dataset(many(5)), problems }, { one: 0.5, two: 0.5 });
    expect([one.problems, two.problems]).toEqual([problems, undefined]);
    expect(() => one.item(one.length)).toThrow(RangeError);
  });

  it.each([
    ['a share of 0', many(5), { one: 0 }, /one: expected a share above 0/],
    ['shares over 1', many(5), { one: 0.7, two: 0.7 }, /at most 1 in all/],
    ['no shares', many(5), {}, /at most 1 in all/],
    ['a share that is no number', many(5), { one: 'half' }, /'half'/],
    [
      'a class that is too small',
      many(2),
      { one: 0.9, two: 0.1 },
      /class 'a' for a share of 0.1 for two .* 2 different/,
    ],
    ['labels that are distributions', [item('x', new Float32Array(2), [1])], { one: 1 }, /hard labels/],
    ['a label without a class', [item('x', 7, [1])], { one: 1 }, /'x' has 7/],
    [
      'a file that is gone',
      [{ id: 'x', label: 0, image: { kind: 'file', path: join(dir, 'gone') } } as const],
      { one: 1 },
      /'x' cannot be read \(.*there is no file/,
    ],
  ])('refuses %s', (_, items, shares, message) => {
    const split = () => splitDataset(dataset(items), shares as Record<string, number>);
    expect(split).toThrow(UsageError);
    expect(split).toThrow(message);
  });
});
