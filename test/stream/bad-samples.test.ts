/** Samples that cannot be used: left out, counted, listed, or the end of the stream. */
import { map, type Observable } from 'rxjs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { horizontalFlip, normalize } from '../../src/augment/index.js';
import type { Batch, Sample } from '../../src/core/index.js';
import { type BatchOptions, batch, cutmix, mixup, pull, samples, shuffle } from '../../src/stream/index.js';
import { all, broken, dataset, digests, failure, ids, itemOf, itemStream } from './make.js';

/** n images of which some are broken. */
const mixed = (n: number, bad: readonly number[]) =>
  dataset(n, (i) => (bad.includes(i) ? broken(i) : itemOf(i)));

const badIds = (batches: readonly Batch[]) => batches.flatMap(({ bad }) => bad.map(({ id }) => id));

/** Row by row against the same samples without the bad ones. */
function expectAligned(made: Batch): void {
  const stride = made.images.length / made.size;
  made.samples.forEach((sample, row) => {
    expect(made.labels[row]).toBe(sample.label);
    const { data } = sample.image as { data: Uint8Array };
    expect(Buffer.from(made.images.slice(row * stride, (row + 1) * stride)).equals(Buffer.from(data))).toBe(
      true,
    );
  });
}

describe('a bad sample', () => {
  for (const workers of [0, 2]) {
    it(`leaves the others in order, with their labels (${workers} workers)`, async () => {
      const bad = [0, 3, 4, 11, 19];
      const options: BatchOptions = { workers, dtype: 'uint8', maxBad: 0.5 };
      const got = await all(samples(mixed(20, bad)).pipe(batch(8, options)));
      expect(got.map(({ size }) => size)).toEqual([5, 7, 3]);
      expect(ids(got.flatMap((b) => b.samples))).toEqual(
        Array.from({ length: 20 }, (_, i) => i)
          .filter((i) => !bad.includes(i))
          .map((i) => `s${i}`),
      );
      for (const b of got) expectAligned(b);
      expect(badIds(got)).toEqual(bad.map((i) => `s${i}`));
      for (const { reason } of got.flatMap((b) => b.bad)) expect(reason).toMatch(/^s\d+: expected a JPEG/);
    });
  }

  it('does not change which batch the others are in, nor their draws', async () => {
    const run = (data: ReturnType<typeof dataset>) =>
      all(samples(data, { shuffle: true }).pipe(horizontalFlip(), batch(6, { workers: 0, maxBad: 1 })));
    const [whole, holed] = [await run(mixed(30, [])), await run(mixed(30, [7, 8, 20]))];
    for (const [k, b] of holed.entries()) {
      const others = (whole[k] as Batch).samples.filter(({ index }) => ![7, 8, 20].includes(index));
      expect(b.samples.map(({ id, recipe }) => [id, recipe])).toEqual(
        others.map(({ id, recipe }) => [id, recipe]),
      );
    }
  });

  it('is left out of mixing', async () => {
    const pipeline = (workers: number) =>
      samples(mixed(32, [1, 9, 17])).pipe(batch(8, { workers, maxBad: 0.5 }), mixup(), cutmix());
    for (const b of await all(pipeline(0))) {
      const pairs = b.recipe.flatMap(({ params }) => params.pairs as [number, number][]);
      for (const [i, j] of pairs) expect(Math.max(i, j)).toBeLessThan(b.size);
      expect(b.soft).toHaveLength(3 * b.size);
    }
    expect(await digests(pipeline(2))).toEqual(await digests(pipeline(0)));
  });

  it('that comes first does not decide the size', async () => {
    const [made] = await all(samples(mixed(6, [0, 1])).pipe(batch(6, { workers: 0, maxBad: 0.5 })));
    expect(made).toMatchObject({ size: 4, height: 6, width: 6 });
    expect(badIds([made as Batch])).toEqual(['s0', 's1']);
  });

  it('counts once though it is bad in every epoch', async () => {
    const got = await all(
      samples(mixed(150, [5]), { epochs: 4 }).pipe(batch(50, { workers: 0, maxBad: 0.01 })),
    );
    expect(badIds(got)).toEqual(['s5', 's5', 's5', 's5']);
  });

  it('that is twice in a batch leaves both out, and only those', async () => {
    const twice = (s: Observable<Sample>) => s.pipe(map((x) => x));
    const list = await all(samples(mixed(4, [1])));
    const { from } = await import('rxjs');
    const [made] = await all(from([...list, ...list]).pipe(twice, batch(8, { workers: 0, maxBad: 1 })));
    expect(ids((made as Batch).samples)).toEqual(['s0', 's2', 's3', 's0', 's2', 's3']);
    expect(badIds([made as Batch])).toEqual(['s1', 's1']);
  });

  it('of another size says what to do', async () => {
    const data = dataset(8, (i) => itemOf(i, i === 5 ? { width: 7, height: 4 } : {}));
    const [made] = await all(samples(data).pipe(batch(8, { workers: 0 })));
    expect(made?.size).toBe(7);
    expect(made?.bad).toEqual([
      {
        id: 's5',
        reason:
          'expected 6×6 pixels like most of its batch but received 7×4; add resize or a crop of fixed size',
      },
    ]);
  });

  it('may be an image that is cut short', async () => {
    const noise = Buffer.from(Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919) & 255));
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    const data = dataset(4, (i) => ({
      id: `s${i}.jpg`,
      image: { kind: 'bytes', bytes: i === 2 ? whole.subarray(0, whole.length >> 1) : whole },
      label: 0,
    }));
    for (const workers of [0, 1]) {
      const [made] = await all(samples(data).pipe(batch(4, { workers })));
      expect(made?.size).toBe(3);
      expect(made?.bad).toEqual([
        { id: 's2.jpg', reason: 's2.jpg: this JPEG is cut short; restore the image or remove it' },
      ]);
    }
  });
});

describe('too many bad samples', () => {
  it('end the stream with a sentence, at the same batch whatever the workers', async () => {
    const bad = [40, 90, 150, 151, 160];
    for (const workers of [0, 1, 2]) {
      const it = pull(samples(mixed(200, bad)).pipe(batch(20, { workers, prefetch: 6 })));
      const got: number[] = [];
      const run = async () => {
        for await (const b of it) got.push(b.index);
      };
      // 1 % of 200 are two.
      expect(await failure(run())).toMatch(
        /^4 of 200 samples cannot be used, more than the 1 % allowed; fix them or raise maxBad\. The last one: s150: expected a JPEG/,
      );
      expect(got).toEqual([0, 1, 2, 3, 4, 5, 6]);
    }
    const few = await all(samples(mixed(200, bad)).pipe(batch(20, { workers: 0, maxBad: 0.025 })));
    expect(badIds(few)).toHaveLength(5);
  });

  it('are counted against what was seen where the length is not known', async () => {
    const stream = (every: number) =>
      samples(itemStream(600, (i) => (i % every === every - 1 ? broken(i) : itemOf(i)))).pipe(
        shuffle(50),
        batch(50, { workers: 0 }),
      );
    expect(await all(stream(150))).toHaveLength(12);
    expect(await failure(all(stream(25)))).toMatch(/samples cannot be used, more than the 1 % allowed/);
  });

  it('end the stream at the first one with maxBad 0', async () => {
    const run = all(samples(mixed(50, [30])).pipe(batch(10, { workers: 0, maxBad: 0 })));
    expect(await failure(run)).toMatch(/^1 of 50 samples cannot be used, more than the 0 % allowed/);
  });

  it('are never too many with maxBad 1, unless nothing is left', async () => {
    const run = (n: number, bad: number[]) =>
      all(samples(mixed(n, bad)).pipe(batch(2, { workers: 0, maxBad: 1 })));
    expect(ids((await run(6, [0, 1, 2, 3, 4])).flatMap((b) => b.samples))).toEqual(['s5']);
    expect(await failure(run(3, [0, 1, 2]))).toMatch(
      /^none of 3 samples can be used; fix them: s2: expected a JPEG/,
    );
  });

  it('end the stream at the first one when told to fail', async () => {
    for (const workers of [0, 2]) {
      const it = pull(
        samples(mixed(40, [17, 3])).pipe(batch(5, { workers, onBadSample: 'fail', prefetch: 8 })),
      );
      expect(await failure(it.next())).toMatch(/^s3: expected a JPEG, PNG, WebP/);
      const later = pull(
        samples(mixed(40, [17])).pipe(batch(5, { workers, onBadSample: 'fail', prefetch: 8 })),
      );
      const got: number[] = [];
      const run = async () => {
        for await (const b of later) got.push(b.index);
      };
      expect(await failure(run())).toMatch(/^s17: expected a JPEG/);
      expect(got).toEqual([0, 1, 2]);
    }
  });
});

describe('a batch of bad samples only', () => {
  it('is left out, its place is kept, and the next one lists them', async () => {
    for (const workers of [0, 2]) {
      const got = await all(samples(mixed(12, [4, 5, 6, 7])).pipe(batch(4, { workers, maxBad: 0.5 })));
      expect(got.map(({ index }) => index)).toEqual([0, 2]);
      expect(got.map(({ bad }) => bad.map(({ id }) => id))).toEqual([[], ['s4', 's5', 's6', 's7']]);
    }
  });

  it('does not delay the end of the stream', async () => {
    const got = await all(samples(mixed(6, [4, 5])).pipe(batch(4, { workers: 0, maxBad: 0.5 })));
    expect(got.map(({ size }) => size)).toEqual([4]);
  });
});

describe('a mistake in the pipeline', () => {
  for (const workers of [0, 1]) {
    it(`ends the stream with its sentence (${workers} workers)`, async () => {
      const run = (source: Observable<Sample>, options: BatchOptions = {}) =>
        failure(all(source.pipe(batch(4, { workers, ...options }))));
      expect(await run(samples(dataset(8)).pipe(normalize()), { dtype: 'uint8' })).toBe(
        "normalize: expected a float32 batch but received uint8; use batch(size, { dtype: 'float32' })",
      );
      expect(await run(samples(dataset(8)).pipe(normalize(), horizontalFlip({ p: 1 })))).toMatch(
        /^normalize: moving pixels follows it/,
      );
      const unknown = map((s: Sample) => s.drawn([{ op: 'flipp', params: {} }]));
      expect(await run(samples(dataset(8)).pipe(unknown))).toBe(
        "unknown operator 'flipp'; did you mean 'horizontalFlip'?",
      );
    });
  }

  it('in a label is found before training uses it', async () => {
    const run = (label: number | Float32Array) =>
      failure(
        all(
          samples(dataset(8)).pipe(
            map((s) => (s.index === 5 ? s.with({ label }) : s)),
            batch(4, { workers: 0 }),
          ),
        ),
      );
    expect(await run(Float32Array.of(0.5, 0.5))).toBe(
      's5: expected a label of 3 values but received 2; give one value per class',
    );
    expect(await run(3)).toMatch(/^s5: expected a label in 0\.\.2 but received 3/);
    expect(await run(-1)).toMatch(/^s5: expected a label in 0\.\.2 but received -1/);
    expect(await run(0.5)).toMatch(/^s5: expected a label in 0\.\.2 but received 0\.5/);
  });

  it('in the options is found when the pipeline is built', () => {
    expect(() => batch(0)).toThrow(/batch: size/);
    expect(() => batch(1.5)).toThrow(/batch: size/);
    expect(() => batch(4, { wrokers: 1 } as never)).toThrow(/batch: unknown option 'wrokers'/);
    expect(() => batch(4, { maxBad: 2 })).toThrow(/maxBad/);
    expect(() => batch(4, { prefetch: 0 })).toThrow(/prefetch/);
    expect(() => batch(4, { decoder: { maxPixel: 1 } as never })).toThrow(/maxPixel/);
  });
});
