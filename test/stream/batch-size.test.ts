/** The size of a batch: whose it is, what is left out, and what is refused before memory is taken. */
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { gaussianBlur, resize } from '../../src/augment/index.js';
import type { Batch, Sample } from '../../src/core/index.js';
import { type BatchOptions, batch, mapPixels, samples } from '../../src/stream/index.js';
import { gif } from '../io/gif.js';
import { image } from '../io/make.js';
import { all, broken, dataset, digests, failure, ids, itemOf, type Shape } from './make.js';

const WORKERS = [0, 1, 2];
/** Each of the sizes in its row. */
const sized = (...sizes: readonly [number, number][]) =>
  dataset(sizes.length, (i) => itemOf(i, { width: sizes[i]![0], height: sizes[i]![1] } as Shape));
const same = (n: number, width: number, height = width) =>
  Array.from({ length: n }, (): [number, number] => [width, height]);
const uint8: BatchOptions = { dtype: 'uint8', maxBad: 1 };

describe('row 17: the first sample is of another size', () => {
  it.each(WORKERS)('it is left out, not the other 63, with %i workers', async (workers) => {
    const [got] = await all(samples(sized([9, 7], ...same(63, 6))).pipe(batch(64, { ...uint8, workers })));
    expect(got).toMatchObject({ size: 63, width: 6, height: 6 });
    expect(got?.bad).toEqual([
      {
        id: 's0',
        reason:
          'expected 6×6 pixels like most of its batch but received 9×7; add resize or a crop of fixed size',
      },
    ]);
    const stride = 3 * 36;
    got?.samples.forEach((sample, row) => {
      const { data } = sample.image as { data: Uint8Array };
      expect(Buffer.from(got.images.slice(row * stride, (row + 1) * stride)).equals(Buffer.from(data))).toBe(
        true,
      );
    });
  });

  it('the most common size decides wherever it stands, the earlier one of two', async () => {
    const sizes = async (...given: [number, number][]) => {
      const made = await Promise.all(
        WORKERS.map((workers) =>
          all(samples(sized(...given)).pipe(batch(given.length, { ...uint8, workers }))),
        ),
      );
      const shown = made.map(([b]) => [
        b?.width,
        b?.height,
        ids(b?.samples ?? []),
        b?.bad.map(({ id }) => id),
      ]);
      expect(shown[1]).toEqual(shown[0]);
      expect(shown[2]).toEqual(shown[0]);
      return shown[0];
    };
    expect(await sizes([4, 4], [5, 5], [5, 5], [4, 4])).toEqual([4, 4, ['s0', 's3'], ['s1', 's2']]);
    expect(await sizes([4, 4], [5, 5], [5, 5])).toEqual([5, 5, ['s1', 's2'], ['s0']]);
    expect(await sizes([5, 4], [4, 5])).toEqual([5, 4, ['s0'], ['s1']]);
    expect(await sizes([3, 3], [5, 5], [4, 4], [5, 5])).toEqual([5, 5, ['s1', 's3'], ['s0', 's2']]);
  });

  it('masks, boxes and labels keep to their samples', async () => {
    const data = dataset(5, (i) => {
      const side = i === 0 ? 8 : 6;
      const mask = new Uint8Array(side * side).fill(i);
      return {
        ...itemOf(i, { width: side, height: side }),
        targets: {
          mask: { kind: 'pixels', data: mask, width: side, height: side, channels: 1 } as const,
          boxes: { format: 'voc' as const, items: [{ box: [0, 0, 1 + i, 2] as const, label: 0 }] },
        },
      };
    });
    for (const workers of WORKERS) {
      const [got] = await all(samples(data).pipe(batch(5, { ...uint8, workers })));
      expect(got?.labels).toEqual(Int32Array.of(1, 2, 0, 1));
      expect(Array.from({ length: 4 }, (_, b) => got?.masks?.mask?.[36 * b])).toEqual([1, 2, 3, 4]);
      expect(got?.targets?.map(({ boxes }) => boxes?.[0]?.box[2])).toEqual([2, 3, 4, 5]);
    }
  });

  it('bad samples do not decide the size', async () => {
    const data = dataset(6, (i) => (i < 3 ? broken(i) : itemOf(i, i === 3 ? { width: 9, height: 9 } : {})));
    const [got] = await all(samples(data).pipe(batch(6, { ...uint8, workers: 0 })));
    expect([got?.width, ids(got!.samples), got?.bad.map(({ id }) => id)]).toEqual([
      6,
      ['s4', 's5'],
      ['s0', 's1', 's2', 's3'],
    ]);
  });

  it('where hardly any two are alike, the sizes are named', async () => {
    for (const workers of WORKERS) {
      const run = all(
        samples(sized([4, 3], [5, 5], [6, 7], [5, 5], [8, 8])).pipe(batch(5, { ...uint8, workers })),
      );
      expect(await failure(run)).toBe(
        'batch: expected images of one size but the 5 of a batch have 4, such as s1 5×5 and s0 4×3; add resize or a crop of fixed size before batch',
      );
    }
  });

  it('onBadSample: fail names the sample of another size', async () => {
    const run = all(
      samples(sized([9, 9], ...same(7, 6))).pipe(batch(8, { workers: 0, onBadSample: 'fail' })),
    );
    expect(await failure(run)).toMatch(/^s0: expected 6×6 pixels like most of its batch but received 9×9;/);
  });
});

describe('row 17: files with wrong sizes in their headers', () => {
  /** n pictures of 8×8, but for the first. */
  const after = async (first: Uint8Array, n = 64) => {
    const good = await image(8, 8).png().toBuffer();
    return dataset(n, (i) => ({
      id: `s${i}`,
      image: { kind: 'bytes', bytes: i === 0 ? first : good },
      label: 0,
    }));
  };

  it.each([
    ['a screen beyond maxPixels', [65535, 65535], /65535×65535 pixels are more than maxPixels allows/],
    ['a large screen that libvips does not believe', [8000, 7999], /expected 8×8 .* received 1×1/],
    ['a screen that would fill 3 GB', [2048, 2048], /expected 8×8 .* received 2048×2048/],
    ['no screen', [0, 0], /expected 8×8 .* received 1×1/],
  ] as const)('GIF with %s costs itself alone', async (_, [width, height], reason) => {
    const claims = gif({ screen: [width, height], frame: [0, 0, 1, 1] });
    expect(claims.length).toBeLessThan(63);
    for (const workers of [0, 1]) {
      const [got] = await all(samples(await after(claims)).pipe(batch(64, { maxBad: 1, workers })));
      expect([got?.size, got?.width, got?.height]).toEqual([63, 8, 8]);
      expect(got?.bad).toHaveLength(1);
      expect(got?.bad[0]).toMatchObject({ id: 's0', reason: expect.stringMatching(reason) });
    }
  });

  it('a batch of too many bytes is refused before memory is taken, and raising the bound helps', async () => {
    const run = (options: BatchOptions, n = 4) =>
      all(samples(sized(...same(n, 10, 5))).pipe(batch(n, { workers: 0, ...options })));
    expect(await failure(run({ maxBatchBytes: 2399 }))).toBe(
      'batch: 4 images of 10×5 pixels, the size of s0, take 2400 bytes, more than maxBatchBytes allows (2399); add resize or a crop, or make the batch smaller, or raise maxBatchBytes',
    );
    expect(await run({ maxBatchBytes: 2400 })).toHaveLength(1);
    expect(await run({ maxBatchBytes: 600, dtype: 'uint8' })).toHaveLength(1);
    expect(await run({ maxBatchBytes: 2399 }, 3)).toHaveLength(1);
    const grown = all(samples(sized([1, 1], [1, 1])).pipe(resize(60_000), batch(2, { workers: 0 })));
    const said = await failure(grown);
    expect(said).toMatch(/^batch: 2 images of 60000×60000 pixels, the size of s0, take 86400000000 bytes/);
    expect(said).not.toContain('raise'); // it would not help
  });

  it('masks count towards the memory bound', async () => {
    const mask = { kind: 'pixels', data: new Uint8Array(36), width: 6, height: 6, channels: 1 } as const;
    const data = dataset(2, (i) => ({ ...itemOf(i), targets: { mask } }));
    const run = (maxBatchBytes: number) =>
      all(samples(data).pipe(batch(2, { workers: 0, dtype: 'uint8', maxBatchBytes })));
    expect(await failure(run(287))).toMatch(/take 288 bytes, more than maxBatchBytes allows/);
    expect(await run(288)).toHaveLength(1);
  });

  it('too much memory during a render is refused in one sentence', async () => {
    for (const workers of [0, 1]) {
      const run = all(
        samples(sized([6, 6])).pipe(resize(40_000), gaussianBlur({ p: 1 }), resize(8), batch(1, { workers })),
      );
      expect(await failure(run)).toBe(
        's0: rendering needs more memory than is available; resize or crop earlier, or use smaller sizes',
      );
    }
  });
});

describe("row 17: a plugin's lower is left to the workers", () => {
  const modules = [new URL('../faults/plugins/lowering.mjs', import.meta.url).href];
  const draws = (...ops: string[]) => map((s: Sample) => s.drawn(ops.map((op) => ({ op, params: {} }))));
  const nested = map((s: Sample) =>
    s.drawn([
      { op: 'blend', params: { branches: [[], [{ op: 'neverLowers', params: {} }]], weights: [0.5, 0.5] } },
    ]),
  );
  const run = (operator: ReturnType<typeof draws>, options: BatchOptions = {}) =>
    all(
      samples(sized(...same(8, 6))).pipe(
        operator,
        batch(4, { workers: 1, modules, hangSeconds: 0.3, ...options }),
      ),
    );

  it('one that hangs ends the stream, and the advice is about hanging', async () => {
    for (const operator of [draws('neverLowers'), nested]) {
      expect(await failure(run(operator))).toBe(
        "plugin 'lowering', transform 'neverLowers': it ended the worker 3 times (no progress in 0.3 s); make it end sooner, or raise hangSeconds; sample s0",
      );
    }
  });

  it('one that ends its thread ends the stream with a sentence, not the process', async () => {
    expect(await failure(run(draws('exitsLowering')))).toBe(
      "plugin 'lowering', transform 'exitsLowering': it ended the worker 3 times (it exited); keep it from ending its thread; sample s0",
    );
  });

  it('one that throws is named', async () => {
    expect(await failure(run(draws('slipsLowering')))).toBe(
      "plugin 'lowering', transform 'slipsLowering': a slip; sample s0",
    );
  });

  it('a lower without faults determines the size', async () => {
    const got: Batch[] = await run(draws('halves', 'darkens'), { dtype: 'uint8' });
    expect(got.map(({ width, height, size }) => [width, height, size])).toEqual([
      [3, 3, 4],
      [3, 3, 4],
    ]);
  });

  it('a bad sample is still only a bad sample', async () => {
    const data = dataset(4, (i) => (i === 0 ? broken(i) : itemOf(i)));
    const [got] = await all(
      samples(data).pipe(draws('darkens'), batch(4, { workers: 1, modules, maxBad: 1 })),
    );
    expect(got?.bad.map(({ id, reason }) => [id, reason.slice(0, 21)])).toEqual([
      ['s0', 's0: expected a JPEG, '],
    ]);
    expect(ids(got!.samples)).toEqual(['s1', 's2', 's3']);
  });

  it('with no workers it runs on this thread, as documented', async () => {
    expect(await failure(run(draws('darkens'), { workers: 0 }))).toMatch(/lowered on the main thread/);
  });

  it('streams without plugins are measured as before', async () => {
    const build = (workers: number) => samples(sized(...same(8, 6))).pipe(batch(4, { workers, modules }));
    expect(await digests(build(1))).toEqual(await digests(build(0)));
  });
});

describe('row 17: mapPixels and what it cannot read', () => {
  const pixels = async (n: number) => {
    const png = await image(20, 20).png().toBuffer();
    return dataset(n, (i) => ({ id: `s${i}`, image: { kind: 'bytes', bytes: png }, label: 0 }));
  };
  const invert = ({ data }: { data: Uint8Array }) => data.map((v) => 255 - v);

  it('takes the limits of batch', async () => {
    const decoder = { maxPixels: 400 };
    const [got] = await all(
      samples(await pixels(2)).pipe(mapPixels(invert, { decoder }), batch(2, { workers: 0, decoder })),
    );
    expect(got?.size).toBe(2);
  });

  it('a sample that it could not read is bad, though batch could read it', async () => {
    const small = { decoder: { maxPixels: 399 } };
    for (const workers of [0, 1]) {
      const run = all(
        samples(await pixels(2)).pipe(mapPixels(invert, small), batch(2, { workers, maxBad: 1 })),
      );
      expect(await failure(run)).toMatch(
        /^none of 2 samples can be used; .*20×20 pixels are more than maxPixels allows \(399\)/,
      );
    }
  });
});
