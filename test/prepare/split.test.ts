/** Splits: keyed by group, blind to order, stable while data grows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Earlier, keyedSplit, type SplitOptions, splitGroups } from '../../src/prepare/index.js';

const SHARES = { train: 0.8, val: 0.1, test: 0.1 };

interface Image {
  readonly key: string;
  readonly group: string;
  readonly label: number;
}

/** By key, the name of the split. */
function divide(
  images: readonly Image[],
  options: Partial<SplitOptions> = {},
  earlier?: Map<string, Earlier>,
) {
  const numbers = new Map([...new Set(images.map(({ group }) => group))].map((name, g) => [name, g]));
  const { names, split, merges } = splitGroups(
    {
      length: images.length,
      group: Uint32Array.from(images, ({ group }) => numbers.get(group)!),
      key: (i) => images[i]!.key,
      label: Int32Array.from(images, ({ label }) => label),
      ...(earlier && { earlier: (i: number) => earlier.get(images[i]!.key) }),
    },
    { shares: SHARES, ...options },
  );
  const of = new Map(images.map(({ key }, i) => [key, names[split[i]!]!]));
  return { of, merges, images: (list: readonly number[]) => list.map((i) => images[i]!.key) };
}

const image = (n: number, group = n): Image => ({ key: `key ${n}`, group: `g${group}`, label: n % 3 });

/** Images with distinct keys in groups of a few. */
const images = fc
  .tuple(
    fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 80,
    }),
    fc.array(fc.nat(30), { minLength: 80, maxLength: 80 }),
  )
  .map(([keys, groups]) => keys.map((key, i) => ({ key, group: `g${groups[i]}`, label: groups[i]! % 4 })));

describe('splitGroups', () => {
  it('no group crosses, and no order of images or shares matters', () => {
    fc.assert(
      fc.property(images, fc.boolean(), fc.nat(1000), (list, exact, seed) => {
        const { of } = divide(list, { exact, seed });
        const sides = new Map<string, string>();
        for (const { key, group } of list) {
          expect(of.get(key)).toBe(sides.get(group) ?? of.get(key));
          sides.set(group, of.get(key)!);
        }
        expect(divide([...list].reverse(), { exact, seed }).of).toEqual(new Map([...of].reverse()));
        const turned = { test: 0.1, val: 0.1, train: 0.8 };
        if (!exact) expect(divide(list, { seed, shares: turned }).of).toEqual(of);
      }),
    );
  });

  it('a tenth of new images in groups of their own moves none', () => {
    fc.assert(
      fc.property(images, images, fc.nat(1000), (list, more, seed) => {
        const known = new Set(list.map(({ key }) => key));
        const added = more
          .filter(({ key }) => !known.has(key))
          .map((one) => ({ ...one, group: `new ${one.group}` }));
        const before = divide(list, { seed }).of;
        const after = divide([...added, ...list], { seed }).of;
        for (const [key, split] of before) expect(after.get(key)).toBe(split);
      }),
    );
  });

  it('with an earlier assignment none moves, whatever group it joins, unless two sides merge', () => {
    fc.assert(
      fc.property(images, images, fc.boolean(), (list, more, exact) => {
        const known = new Set(list.map(({ key }) => key));
        const all = [...list, ...more.filter(({ key }) => !known.has(key))];
        const before = divide(list, { exact }).of;
        const earlier = new Map([...before].map(([key, split]) => [key, { split }]));
        const after = divide(all, { exact }, earlier);
        expect(after.merges).toEqual([]);
        for (const [key, split] of before) expect(after.of.get(key)).toBe(split);
      }),
    );
  });

  it('a share that grows takes images from others, and none move between those', () => {
    const list = Array.from({ length: 4000 }, (_, n) => image(n));
    const before = divide(list, { shares: { a: 0.5, b: 0.3, c: 0.2 } }).of;
    const after = divide(list, { shares: { a: 0.375, b: 0.225, c: 0.4 } }).of;
    const moved = [...before].filter(([key, split]) => after.get(key) !== split);
    expect(moved.every(([key]) => after.get(key) === 'c')).toBe(true);
    // A quarter of the 3,200 that were in a or b; five standard deviations are 122.
    expect(Math.abs(moved.length - 800)).toBeLessThan(123);
  });

  it('shares of each class are within five standard deviations of a binomial', () => {
    const list = Array.from({ length: 30_000 }, (_, n) => image(n));
    for (const seed of [0, 1, 2]) {
      const { of } = divide(list, { seed });
      for (const label of [0, 1, 2]) {
        const own = list.filter((one) => one.label === label);
        for (const [name, share] of Object.entries(SHARES)) {
          const n = own.filter(({ key }) => of.get(key) === name).length;
          const deviation = Math.sqrt(own.length * share * (1 - share));
          expect(Math.abs(n - share * own.length)).toBeLessThan(5 * deviation);
        }
      }
    }
    expect(divide(list, { seed: 1 }).of).not.toEqual(divide(list, { seed: 2 }).of);
  });

  it('exact: each class is within one image of its shares, where groups are single images', () => {
    const list = Array.from({ length: 307 }, (_, n) => image(n));
    const { of } = divide(list, { exact: true });
    for (const label of [0, 1, 2]) {
      const own = list.filter((one) => one.label === label);
      for (const [name, share] of Object.entries(SHARES)) {
        const n = own.filter(({ key }) => of.get(key) === name).length;
        expect(Math.abs(n - share * own.length)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('exact: additions fill what an earlier assignment lacks', () => {
    const old = Array.from({ length: 30 }, (_, n) => ({ ...image(n), label: 0 }));
    const earlier = new Map(old.map(({ key }) => [key, { split: 'train' }]));
    const all = [...old, ...Array.from({ length: 10 }, (_, n) => ({ ...image(100 + n), label: 0 }))];
    const { of } = divide(all, { exact: true }, earlier);
    const count = (name: string) => [...of.values()].filter((split) => split === name).length;
    expect([count('train'), count('val'), count('test')]).toEqual([32, 4, 4]);
  });

  it('where two sides merge the older wins, and it is told', () => {
    const list = [image(1, 7), image(2, 7), image(3, 7), image(4)];
    const earlier = new Map<string, Earlier>([
      ['key 1', { split: 'val', since: 1 }],
      ['key 2', { split: 'test', since: 0 }],
    ]);
    const moved = divide(list, {}, earlier);
    expect(['key 1', 'key 2', 'key 3'].map((key) => moved.of.get(key))).toEqual(['test', 'test', 'test']);
    expect(moved.merges).toEqual([{ group: 0, to: 'test', from: [{ split: 'val', images: [0] }] }]);
    const kept = divide(list, { merges: 'keep' }, earlier);
    expect(['key 1', 'key 2', 'key 3'].map((key) => kept.of.get(key))).toEqual(['val', 'test', 'test']);
    expect(kept.merges).toEqual(moved.merges);
  });

  it('of sides as old as each other the one with more images wins, then the one with the smallest key', () => {
    const list = [image(1, 0), image(2, 0), image(3, 0)];
    const sides = (...splits: string[]) =>
      divide(list, {}, new Map(splits.map((split, n) => [`key ${n + 1}`, { split }]))).merges[0]?.to;
    expect(sides('val', 'test', 'test')).toBe('test');
    expect(sides('val', 'test')).toBe('val');
  });

  it('keyedSplit is the same rule for one group', () => {
    const list = Array.from({ length: 200 }, (_, n) => image(n));
    const { of } = divide(list, { seed: 5 });
    const one = keyedSplit(SHARES, 5);
    for (const { key } of list) expect(Object.keys(SHARES)[one(key)]).toBe(of.get(key));
  });

  it('refuses what it cannot do', () => {
    const shares = (given: Record<string, number>) => () => divide([image(1)], { shares: given });
    expect(shares({ train: 0.8, val: 0.1 })).toThrow(
      'split: expected shares that add up to 1 but received {"train":0.8,"val":0.1}; change one',
    );
    expect(shares({ train: 1.5 })).toThrow('split: shares.train: expected');
    expect(shares({})).toThrow('split: shares: expected 1..254 splits but received 0');
    expect(shares({ '../x': 1 })).toThrow(
      "split: the name of a split: expected letters, digits, _ and - but received '../x'; rename it",
    );
    expect(() => divide([image(1)], {}, new Map([['key 1', { split: 'dev' }]]))).toThrow(
      "split: 'key 1' was in split 'dev' before, and shares has only 'train', 'val', 'test'; keep its share, or start anew without the earlier assignment",
    );
    const rows = { length: 1, group: Uint32Array.of(1), key: () => 'a' };
    expect(() => splitGroups(rows, { shares: SHARES })).toThrow('no image is in group 0 of 2');
    expect(() => splitGroups({ ...rows, length: 2 }, { shares: SHARES })).toThrow('expected 2 group numbers');
  });
});
