/** A function over pixels on the main thread: what it sees, what it may give, and what is said when it may not. */
import { describe, expect, it } from 'vitest';
import {
  horizontalFlip,
  mainThreadIn,
  normalize,
  ops,
  parseRecipe,
  randomRotate90,
} from '../../src/augment/index.js';
import type { Targets } from '../../src/core/index.js';
import { batch, mapPixels, type PixelsIn, type PixelsOut, samples } from '../../src/stream/index.js';
import { all, broken, dataset, digests, failure, ids, itemOf, pixels } from './make.js';

const invert = ({ data }: PixelsIn) => data.map((v) => 255 - v);
const only = { dtype: 'uint8', workers: 0 } as const;

describe('mapPixels', () => {
  it('sees the pixels after the draws so far, and what it gives is the image from there on', async () => {
    const seen: [string, number, number, number][] = [];
    const watch = ({ data, width, height, id, label }: PixelsIn) => {
      seen.push([id, label as number, width, height]);
      data.fill(9, 0, 3); // in place
    };
    const turned = samples(dataset(6, (i) => itemOf(i, { width: 8, height: 5 }))).pipe(
      randomRotate90({ turns: [1] }),
    );
    const plain = await all(turned.pipe(batch(6, only)));
    const got = await all(turned.pipe(mapPixels(watch), horizontalFlip({ p: 1 }), batch(6, only)));
    expect(seen).toEqual(Array.from({ length: 6 }, (_, i) => [`s${i}`, i % 3, 5, 8]));
    const want = plain[0]!.images.slice();
    for (let b = 0; b < 6; b++) {
      want.fill(9, 120 * b, 120 * b + 3);
      for (let y = 0; y < 8; y++) {
        const row = want.slice(120 * b + 15 * y, 120 * b + 15 * (y + 1));
        for (let x = 0; x < 5; x++) want.set(row.subarray(3 * x, 3 * x + 3), 120 * b + 15 * y + 3 * (4 - x));
      }
    }
    expect(got[0]!.images).toEqual(want);
  });

  it('is the same for any number of workers, and for a function that takes its time', async () => {
    const slow = async (given: PixelsIn) => {
      await new Promise(setImmediate);
      return invert(given);
    };
    const build = (fn: (given: PixelsIn) => PixelsOut | Promise<PixelsOut>, workers: number) =>
      samples(dataset(20), { seed: 2, shuffle: true }).pipe(
        horizontalFlip(),
        mapPixels(fn, { name: 'invert' }),
        horizontalFlip(),
        normalize(),
        batch(8, { workers }),
      );
    const want = await digests(build(invert, 0));
    expect(await digests(build(invert, 2))).toEqual(want);
    expect(await digests(build(slow, 1))).toEqual(want);
  });

  it('may give another size', async () => {
    const half = () => ({ data: new Uint8ClampedArray(27).fill(4), width: 3, height: 3 });
    const [got] = await all(samples(dataset(2)).pipe(mapPixels(half), batch(2, only)));
    expect([got?.width, got?.height, new Set(got?.images)]).toEqual([3, 3, new Set([4])]);
  });

  it('leaves a mark in the recipe that says where it ran, and cannot be replayed', async () => {
    const [sample] = await all(
      samples(dataset(1)).pipe(
        horizontalFlip({ p: 1 }),
        mapPixels(invert),
        mapPixels(invert, { name: 'again' }),
      ),
    );
    expect(mainThreadIn(sample!.recipe)).toEqual(['invert', 'again']);
    expect(() => parseRecipe(JSON.stringify(sample!.recipe), ops())).toThrow(
      /a function ran here on the main thread and cannot be replayed/,
    );
  });

  it('moves targets along', async () => {
    const mask = new Uint8Array(36).map((_, i) => i % 6);
    const targets: Targets = {
      mask: { kind: 'pixels', data: mask, width: 6, height: 6, channels: 1 },
      boxes: { format: 'yolo', items: [{ box: [0.25, 0.5, 0.5, 1], label: 1 }] },
      keypoints: {
        items: [
          { x: 0.5, y: 0.5 },
          { x: 5.5, y: 0.5 },
        ],
        swap: [[0, 1]],
      },
    };
    const set = dataset(1, (i) => ({ ...itemOf(i), targets }));
    const [whole] = await all(
      samples(set).pipe(horizontalFlip({ p: 1 }), randomRotate90({ turns: [1] }), batch(1, only)),
    );
    const [parts] = await all(
      samples(set).pipe(
        horizontalFlip({ p: 1 }),
        mapPixels(() => undefined),
        randomRotate90({ turns: [1] }),
        batch(1, only),
      ),
    );
    expect(parts?.targets).toEqual(whole?.targets);
    expect(parts?.masks).toEqual(whole?.masks);
    expect(parts?.images).toEqual(whole?.images);
    const cut = () => pixels(0, { width: 3, height: 3 });
    expect(await failure(all(samples(set).pipe(mapPixels(cut), batch(1, only))))).toBe(
      "mapPixels 'cut': expected 6×6 pixels, because masks, boxes and keypoints are not changed, but received '3×3'; sample s0",
    );
  });

  it('leaves bad samples to be counted', async () => {
    const set = dataset(6, (i) => (i === 2 ? broken(i) : itemOf(i)));
    const [got] = await all(samples(set).pipe(mapPixels(invert), batch(6, { ...only, maxBad: 1 })));
    expect(ids(got!.samples)).toEqual(['s0', 's1', 's3', 's4', 's5']);
    expect(got?.bad.map(({ id }) => id)).toEqual(['s2']);
  });

  it.each<[string, (given: PixelsIn) => unknown, string]>([
    [
      'throws',
      () => {
        throw new TypeError('a slip');
      },
      'a slip; sample s0',
    ],
    [
      'gives text',
      () => 'pixels',
      "expected a Uint8Array of pixels, or { data, width, height } but received 'pixels'; sample s0",
    ],
    [
      'gives floats',
      () => new Float32Array(108),
      'expected a Uint8Array of pixels, or { data, width, height } but received Float32Array(432 bytes); sample s0',
    ],
    ['gives too few', () => new Uint8Array(36), 'expected 3 × 6 × 6 = 108 values but received 36; sample s0'],
    [
      'gives no size',
      () => ({ data: new Uint8Array(36) }),
      'expected whole numbers ≥ 1 for width and height but received [null,null]; sample s0',
    ],
  ])('a function that %s: one sentence', async (_, fn, said) => {
    const stream = samples(dataset(3)).pipe(mapPixels(fn as never, { name: 'mine' }), batch(3, only));
    expect(await failure(all(stream))).toBe(`mapPixels 'mine': ${said}`);
  });

  it('refuses what is no function, unknown options, and normalize before it', async () => {
    expect(() => mapPixels(3 as never)).toThrow('mapPixels: expected a function but received 3');
    expect(() => mapPixels(invert, { naem: 'x' } as never)).toThrow(
      "unknown option 'naem'; did you mean 'name'",
    );
    const stream = samples(dataset(3)).pipe(normalize(), mapPixels(invert), batch(3, only));
    expect(await failure(all(stream))).toMatch(
      /^mapPixels 'invert': expected bytes but normalize comes before it/,
    );
  });
});
