/** Near-duplicates: planted copies are found, other images are not joined, and no order matters. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { Decoder } from '../../src/io/index.js';
import {
  distance,
  hashOfBlock,
  lowFrequencies,
  pHash,
  thumbnailOf,
} from '../../src/prepare/measure/hashes.js';
import { lumaOf } from '../../src/prepare/measure/luma.js';
import { BandIndex } from '../../src/prepare/near/band-index.js';
import { findPairs } from '../../src/prepare/near/find-pairs.js';
import { groupPairs } from '../../src/prepare/near/groups.js';
import { isFeatureless, likeness } from '../../src/prepare/near/likeness.js';
import { nearDuplicates } from '../../src/prepare/near/near-duplicates.js';
import { type NearRows, PairList } from '../../src/prepare/near/near-rows.js';
import { Thumbnails } from '../../src/prepare/near/thumbnails.js';
import { VARIANTS, variantHashes } from '../../src/prepare/near/variants.js';
import { COPIES, original, photo } from './photos.js';

interface Shot {
  readonly of: number;
  readonly how: string;
  readonly key: string;
  readonly thumbnail: Uint8Array;
}

const PHOTOS = 30;
const shots: Shot[] = [];
const rowsOf = (list: readonly Shot[]): NearRows => ({
  length: list.length,
  key: (i) => list[i]!.key,
  thumbnail: (i) => list[i]!.thumbnail,
});

beforeAll(async () => {
  const decoder = new Decoder();
  const add = async (of: number, how: string, bytes: Buffer) => {
    const pixels = await decoder.decode({ kind: 'bytes', bytes });
    const key = createHash('sha256').update(bytes).digest('hex');
    shots.push({ of, how, key, thumbnail: thumbnailOf(lumaOf(pixels)) });
  };
  for (let n = 0; n < PHOTOS; n++) {
    const one = photo(n);
    await add(n, 'original', await original(one));
    for (const [how, copy] of Object.entries(COPIES)) await add(n, how, await copy(one, n));
  }
  decoder.dispose();
}, 120_000);

/** Pairs of one photo within groups, and pairs of two. */
function counts(group: Uint32Array, list: readonly Shot[]) {
  let [right, wrong, missed] = [0, 0, 0];
  for (let a = 0; a < list.length; a++)
    for (let b = a + 1; b < list.length; b++) {
      const together = group[a] === group[b];
      if (list[a]!.of !== list[b]!.of) wrong += Number(together);
      else if (together) right++;
      else missed++;
    }
  return { recall: right / (right + missed), precision: right / (right + wrong) };
}

describe('near-duplicates', () => {
  it('copies that are resized, squashed, of quality 30, cropped by 5 %, brighter, darker, gray or mirrored are found, and only they', async () => {
    const { group } = await nearDuplicates(rowsOf(shots));
    const { recall, precision } = counts(group, shots);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(precision).toBeGreaterThanOrEqual(0.99);
  });

  it('each kind of copy is found beside its original alone', async () => {
    for (const how of Object.keys(COPIES)) {
      const list = shots.filter((shot) => shot.how === 'original' || shot.how === how);
      const { recall, precision } = counts((await nearDuplicates(rowsOf(list))).group, list);
      expect([how, recall >= 0.95, precision >= 0.99]).toEqual([how, true, true]);
    }
  });

  it('pairs and groups do not depend on the order of the images', async () => {
    const list = shots.slice(0, 90);
    const order = new Draws(keyOf(3)).permutation(list.length);
    const mixed = [...order].map((i) => list[i]!);
    const [one, other] = [await nearDuplicates(rowsOf(list)), await nearDuplicates(rowsOf(mixed))];
    const named = ({ pairs }: typeof one, of: readonly Shot[]) =>
      Array.from({ length: pairs.length }, (_, p) => [
        of[pairs.one[p]!]!.key,
        of[pairs.other[p]!]!.key,
        pairs.likeness[p],
      ]);
    expect(named(other, mixed)).toEqual(named(one, list));
    expect(one.pairs.length).toBeGreaterThan(100);
    for (let a = 0; a < list.length; a++)
      for (let b = 0; b < a; b++)
        expect(other.group[a] === other.group[b]).toBe(one.group[order[a]!] === one.group[order[b]!]);
  });

  it('equal bytes are one image, also where there is nothing to see', async () => {
    const flat = { of: 0, how: 'flat', key: 'flat', thumbnail: new Uint8Array(1024).fill(90) };
    const other = { ...flat, key: 'other flat' };
    const found = await nearDuplicates(rowsOf([flat, shots[0]!, other, flat, shots[0]!]));
    expect([...found.group]).toEqual([0, 1, 2, 0, 1]);
    expect(found.featureless).toEqual([0, 2]);
  });

  it('an image with more candidates than are looked at is named', async () => {
    const list = Array.from({ length: 6 }, (_, n) => ({ ...shots[0]!, key: `copy ${n}` }));
    const { crowded, group } = await nearDuplicates(rowsOf(list), { most: 2 });
    expect(crowded).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...group]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuses bad options and stops when asked', async () => {
    await expect(nearDuplicates(rowsOf([]), { alike: 2 })).rejects.toThrow(
      'near-duplicates: alike: expected',
    );
    const stopped = AbortSignal.abort();
    await expect(findPairs(rowsOf(shots), { signal: stopped })).rejects.toThrow(/abort/i);
    expect((await nearDuplicates(rowsOf([]))).count).toBe(0);
  });
});

describe('Thumbnails', () => {
  it('gives back what was added, over the end of a block', () => {
    const column = new Thumbnails();
    const one = new Uint8Array(1024);
    for (let i = 0; i < 16_390; i++) column.add(one.fill(i % 251));
    expect([0, 16_383, 16_384, 16_389].map((i) => column.at(i)[1023])).toEqual([0, 68, 69, 74]);
    expect(() => column.at(16_390)).toThrow('there is no thumbnail 16390 among 16390');
  });
});

describe('hashes of parts', () => {
  it('the first two are the hash of the image and of the image in a mirror', () => {
    const [high, low] = [new Uint32Array(VARIANTS.length), new Uint32Array(VARIANTS.length)];
    for (const { thumbnail } of shots.slice(0, 20)) {
      variantHashes(thumbnail, high, low);
      const mirror = thumbnail.map((_, i) => thumbnail[(i & ~31) + 31 - (i & 31)]!);
      expect({ high: high[0], low: low[0] }).toEqual(pHash(thumbnail));
      expect(distance({ high: high[1]!, low: low[1]! }, pHash(mirror))).toBeLessThanOrEqual(1);
      expect(hashOfBlock(lowFrequencies(thumbnail), true)).toEqual({ high: high[1], low: low[1] });
    }
  });

  it('likeness: 1 for the image itself, high for a mirrored one, low for another', () => {
    const [a, b] = [shots[0]!, shots.find(({ of }) => of === 1)!].map(({ thumbnail }) => thumbnail) as [
      Uint8Array,
      Uint8Array,
    ];
    const mirror = a.map((_, i) => a[(i & ~31) + 31 - (i & 31)]!);
    expect(likeness(a, a, VARIANTS[0]!, 1)).toBeCloseTo(1, 6);
    expect(likeness(a, mirror, VARIANTS[1]!, 1)).toBeCloseTo(1, 6);
    expect(likeness(a, mirror, VARIANTS[0]!, 1)).toBeLessThan(0.5);
    expect(likeness(a, b, VARIANTS[0]!, 1)).toBeLessThan(0.5);
  });

  it('a gradient shows too little, a picture does not', () => {
    expect(isFeatureless(Uint8Array.from({ length: 1024 }, (_, i) => 60 + 4 * (i % 32)))).toBe(true);
    expect(isFeatureless(shots[0]!.thumbnail)).toBe(false);
  });
});

describe('BandIndex', () => {
  it('finds exactly what lies within the radius', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(3, 40, 700),
        (seed, radius, n) => {
          const draws = new Draws(fold(keyOf(seed), n));
          const high = Uint32Array.from({ length: n }, () => draws.u32());
          const low = Uint32Array.from({ length: n }, () => draws.u32());
          // Neighbors of the first one, some bits away.
          for (let i = 1; i < n; i += 2) {
            [high[i], low[i]] = [high[0]!, low[0]!];
            for (let bit = draws.int(16); bit > 0; bit--) {
              const words = draws.chance(0.5) ? high : low;
              words[i] = words[i]! ^ (1 << draws.int(32));
            }
          }
          const index = new BandIndex(high, low, radius);
          const found = new Map<number, number>();
          index.query(high[0]!, low[0]!, (id, d) => found.set(id, d));
          const all = Array.from(high, (word, i) => ({ high: word, low: low[i]! }));
          for (const [i, hash] of all.entries()) {
            const d = distance(hash, all[0]!);
            expect(found.get(i)).toBe(d <= radius ? d : undefined);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('looks at a small part of many', () => {
    const draws = new Draws(keyOf(1));
    const words = () => Uint32Array.from({ length: 20_000 }, () => draws.u32());
    const [high, low] = [words(), words()];
    const index = new BandIndex(high, low, 8);
    for (let i = 0; i < 100; i++) index.query(high[i]!, low[i]!, () => {});
    expect(index.compared / 100).toBeLessThan(2000);
  });
});

describe('groupPairs', () => {
  const chain = (n: number) => {
    const pairs = new PairList();
    for (let i = 1; i < n; i++) pairs.add(i - 1, i, 0.95);
    return pairs;
  };
  const near = (a: number, b: number) => Math.abs(a - b) <= 3;

  it('joins what pairs join, and numbers groups by their first images', () => {
    const pairs = new PairList();
    pairs.add(5, 1, 0.99);
    pairs.add(0, 3, 0.97);
    pairs.add(3, 5, 0.92);
    const { group, count, cut } = groupPairs(6, pairs, { related: () => false });
    expect([...group]).toEqual([0, 0, 1, 0, 2, 0]);
    expect([count, cut]).toEqual([3, []]);
  });

  it('a chain stays whole up to `free` images, and longer ones are cut where centers are not related', () => {
    expect(groupPairs(20, chain(20), { free: 20, related: near }).count).toBe(1);
    const { group, count, cut } = groupPairs(60, chain(60), { free: 4, related: near });
    expect(count).toBeGreaterThan(5);
    const sizes = new Uint32Array(count);
    for (const g of group) sizes[g]!++;
    expect(Math.max(...sizes)).toBeLessThanOrEqual(7); // three to each side of a center
    expect(cut.length).toBe(count - 1);
  });

  it('many images around one center stay together, however many', () => {
    const pairs = new PairList();
    for (let i = 1; i < 500; i++) pairs.add(0, i, 0.95);
    const related = (a: number, b: number) => a === 0 || b === 0;
    expect(groupPairs(500, pairs, { free: 10, related }).count).toBe(1);
  });
});
