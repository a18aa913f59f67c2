/** The same bytes for any workers, prefetch and chunks, whole or resumed, fused or not. */
import fc from 'fast-check';
import { map, type Observable, tap } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  asOperator,
  brightness,
  cutout,
  gaussianNoise,
  horizontalFlip,
  normalize,
  padCrop,
  randomApply,
  randomErasing,
  randomRotate90,
  type SampleOperator,
} from '../../src/augment/index.js';
import { type Batch, linear, type Sample } from '../../src/core/index.js';
import {
  type BatchOperator,
  type BatchOptions,
  batch,
  cutmix,
  mixOneOf,
  mixup,
  prefetch,
  pull,
  samples,
  shuffle,
} from '../../src/stream/index.js';
import { all, broken, dataset, digest, digests, ids, itemOf, itemStream } from './make.js';

const augment = (s: Observable<Sample>) =>
  s.pipe(
    horizontalFlip(),
    padCrop(2),
    brightness({ factor: [0.6, 1.4] }),
    gaussianNoise({ sigma: [0, 0.05] }),
    normalize(),
    cutout(3),
  );

/** 90 images, three of them broken, soft and hard labels. */
const make = (i: number) => {
  if (i % 31 === 7) return broken(i);
  return itemOf(i, {}, i % 5 === 0 ? Float32Array.of(0.25, 0.5, 0.25) : i % 3);
};
const pipeline = (options: BatchOptions, seed = 0) =>
  augment(samples(dataset(90, make), { epochs: 2, shuffle: true, seed })).pipe(
    batch(16, { maxBad: 0.1, ...options }),
    mixup(),
    cutmix(),
  );

describe('bytes', () => {
  let expected: string[];
  beforeAll(async () => {
    expected = await digests(pipeline({ workers: 0 }));
    expect(expected).toHaveLength(12);
    expect(new Set(expected).size).toBe(12);
  });

  for (const workers of [0, 1, 2, 4]) {
    it(`are the same with ${workers} workers, however far ahead`, async () => {
      for (const ahead of [1, 3, 8]) {
        expect(await digests(pipeline({ workers, prefetch: ahead }))).toEqual(expected);
      }
    });
  }

  it('are the same with workers in place of those that batch was made with', async () => {
    expect(await digests(pipeline({ workers: 2 }), { workers: 0 })).toEqual(expected);
    expect(await digests(pipeline({ workers: 0 }), { workers: 2 })).toEqual(expected);
  });

  it('are the same for a plain subscriber', async () => {
    const got: string[] = [];
    await new Promise<void>((resolve, reject) =>
      pipeline({ workers: 2 }).subscribe({
        next(b) {
          got.push(digest(b));
          b.dispose();
        },
        error: reject,
        complete: resolve,
      }),
    );
    expect(got).toEqual(expected);
  });

  it('are the same wherever one begins', async () => {
    for (const [k, start] of [
      [0, { epoch: 0, batch: 0 }],
      [4, { epoch: 0, batch: 4 }],
      [6, { epoch: 1, batch: 0 }],
      [11, { epoch: 1, batch: 5 }],
    ] as const) {
      for (const workers of [0, 2]) {
        expect(await digests(pipeline({ workers }), { start })).toEqual(expected.slice(k));
      }
    }
  });

  it('differ from seed to seed', async () => {
    const other = await digests(pipeline({ workers: 0 }, 1));
    expect(other.filter((d) => expected.includes(d))).toEqual([]);
  });

  it('are the same with two streams on one pool', async () => {
    const both = await Promise.all([
      digests(pipeline({ workers: 2 })),
      digests(pipeline({ workers: 2 }, 1)),
      digests(pipeline({ workers: 2 })),
    ]);
    expect(both[0]).toEqual(expected);
    expect(both[2]).toEqual(expected);
    expect(both[1]).not.toEqual(expected);
  });

  it('are the same from a stream behind a shuffle buffer', async () => {
    const run = (workers: number, ahead: number) =>
      digests(
        augment(samples(itemStream(60), { epochs: 2 }).pipe(shuffle(20))).pipe(
          batch(8, { workers, prefetch: ahead }),
          mixup(),
        ),
      );
    const first = await run(0, 3);
    expect(first).toHaveLength(16);
    expect(await run(2, 5)).toEqual(first);
  });
});

describe('mixing', () => {
  const chains: [name: string, ops: BatchOperator[]][] = [
    ['mixup', [mixup({ alpha: 0.4 })]],
    ['mixup, one λ a pair', [mixup({ alpha: 0.4, granularity: 'pair' })]],
    ['cutmix', [cutmix()]],
    ['mixup, cutmix', [mixup(), cutmix({ p: 0.5 })]],
    ['mixOneOf, scheduled mixup', [mixOneOf(mixup({ alpha: 1 }), cutmix()), mixup({ alpha: linear(0, 1) })]],
  ];
  const pixelsOf = ({ images, labels, soft, mixes, recipe, epoch, index }: Batch) => ({
    images: images.slice(),
    labels,
    soft,
    mixes,
    recipe,
    epoch,
    index,
  });

  for (const [name, ops] of chains) {
    it(`behind batch and behind something else is the same: ${name}`, async () => {
      for (const [dtype, layout] of [
        ['float32', 'HWC'],
        ['uint8', 'CHW'],
      ] as const) {
        const source = samples(dataset(20), { epochs: 2 }).pipe(
          horizontalFlip(),
          batch(7, { workers: 1, dtype, layout }),
        );
        const fused = (await all(ops.reduce<Observable<Batch>>((s, op) => s.pipe(op), source))).map(pixelsOf);
        const apart = (await all(ops.reduce<Observable<Batch>>((s, op) => s.pipe(tap(), op), source))).map(
          pixelsOf,
        );
        const late = (
          await all(ops.reduce<Observable<Batch>>((s, op) => s.pipe(op), source.pipe(tap())))
        ).map(pixelsOf);
        expect(apart).toEqual(fused);
        expect(late).toEqual(fused);
        expect(fused.some(({ recipe }) => recipe.length > 0)).toBe(true);
        for (const { mixes } of fused) expect(mixes).toBe(ops.length);
      }
    });
  }

  it('leaves each batch its total of targets', async () => {
    for (const { soft, size } of await all(
      samples(dataset(20)).pipe(batch(7, { workers: 0 }), mixup(), cutmix()),
    )) {
      for (let i = 0; i < size; i++) {
        const row = (soft as Float32Array).subarray(3 * i, 3 * i + 3);
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      }
    }
  });
});

describe('an added operator', () => {
  it('changes only what follows it', async () => {
    const before = await all(samples(dataset(30)).pipe(horizontalFlip(), padCrop(2)));
    const more = await all(samples(dataset(30)).pipe(horizontalFlip(), padCrop(2), cutout(3)));
    const within = await all(samples(dataset(30)).pipe(horizontalFlip(), brightness(), padCrop(2)));
    for (let i = 0; i < 30; i++) {
      expect(more[i]?.recipe.slice(0, -1)).toEqual(before[i]?.recipe);
      expect(within[i]?.recipe.filter(({ op }) => op === 'horizontalFlip')).toEqual(
        before[i]?.recipe.filter(({ op }) => op === 'horizontalFlip'),
      );
    }
  });

  it('that does not apply still takes its place', async () => {
    const with0 = await all(samples(dataset(20)).pipe(horizontalFlip({ p: 0 }), padCrop(2)));
    const with1 = await all(samples(dataset(20)).pipe(horizontalFlip({ p: 1 }), padCrop(2)));
    const crops = (list: Sample[]) => list.map(({ recipe }) => recipe.at(-1));
    expect(crops(with0)).toEqual(crops(with1));
  });

  it('for batches leaves the samples as they are', async () => {
    const run = (...ops: BatchOperator[]) =>
      all(
        ops.reduce<Observable<Batch>>(
          (s, op) => s.pipe(op),
          samples(dataset(20)).pipe(horizontalFlip(), batch(5, { workers: 0 })),
        ),
      );
    const [plain, mixed] = [await run(), await run(mixup())];
    expect(mixed.map(({ samples: s }) => s.map(({ recipe }) => recipe))).toEqual(
      plain.map(({ samples: s }) => s.map(({ recipe }) => recipe)),
    );
  });
});

describe('random pipelines', () => {
  const step = fc.constantFrom<SampleOperator>(
    horizontalFlip(),
    padCrop(1),
    randomRotate90(),
    brightness(),
    cutout({ size: 2, p: 0.5 }),
    randomErasing(),
    randomApply(0.5, horizontalFlip()),
    asOperator(horizontalFlip().transform),
  );
  const mix = fc.constantFrom<BatchOperator>(mixup(), cutmix(), mixOneOf(mixup(), cutmix()));
  const plan = fc.record({
    n: fc.integer({ min: 1, max: 40 }),
    size: fc.integer({ min: 1, max: 12 }),
    epochs: fc.integer({ min: 1, max: 3 }),
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
    steps: fc.array(step, { maxLength: 5 }),
    mixes: fc.array(mix, { maxLength: 2 }),
    ahead: fc.integer({ min: 1, max: 6 }),
    workers: fc.constantFrom(0, 1, 2, 3),
    streaming: fc.boolean(),
    dropLast: fc.boolean(),
    skip: fc.nat(20),
  });

  it('give the same bytes threaded, ahead and resumed', async () => {
    await fc.assert(
      fc.asyncProperty(
        plan,
        async ({ n, size, epochs, seed, steps, mixes, ahead, workers, streaming, dropLast, skip }) => {
          const build = (threads: number, far: number) => {
            const source = streaming
              ? samples(itemStream(n), { epochs, seed }).pipe(shuffle(8))
              : samples(dataset(n), { epochs, seed, shuffle: true });
            const drawn = steps.reduce<Observable<Sample>>((s, op) => s.pipe(op), source);
            const batches: Observable<Batch> = drawn.pipe(
              map((s) => s),
              batch(size, { workers: threads, dropLast, dtype: 'uint8' }),
            );
            return mixes.reduce((s, op) => s.pipe(op), batches).pipe(prefetch(far));
          };
          const expected = await digests(build(0, 1));
          expect(await digests(build(workers, ahead))).toEqual(expected);
          const perEpoch = dropLast ? Math.floor(n / size) : Math.ceil(n / size);
          expect(expected).toHaveLength(perEpoch * epochs);
          const k = Math.min(skip, expected.length);
          const start = {
            epoch: perEpoch ? Math.floor(k / perEpoch) : 0,
            batch: perEpoch ? k % perEpoch : 0,
          };
          expect(await digests(build(0, ahead), { start })).toEqual(expected.slice(k));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('draw the same for a sample wherever it stands', async () => {
    const drawsOf = async (source: Observable<Sample>) =>
      new Map((await all(augment(source))).map((s) => [`${s.epoch}/${s.id}`, s.recipe]));
    const plain = await drawsOf(samples(dataset(25), { epochs: 2 }));
    const mixed = await drawsOf(samples(dataset(25), { epochs: 2, shuffle: true }));
    const streamed = await drawsOf(samples(itemStream(25), { epochs: 2 }).pipe(shuffle(9)));
    for (const [id, recipe] of plain) {
      expect(mixed.get(id)).toEqual(recipe);
      expect(streamed.get(id)).toEqual(recipe);
    }
  });
});

describe('what a batch says of itself', () => {
  it('a batch has its epoch, index and origin', async () => {
    const got = await all(samples(dataset(10), { epochs: 2 }).pipe(batch(4, { workers: 0, layout: 'CHW' })));
    expect(got.map(({ size }) => size)).toEqual([4, 4, 2, 4, 4, 2]);
    for (const b of got) {
      expect(b.images).toHaveLength(b.size * 3 * 36);
      expect(b.labels).toHaveLength(b.size);
      expect(ids(b.samples)).toHaveLength(b.size);
      expect(b.soft).toBeUndefined();
      expect(b.progress).toBe(b.samples[0]?.progress);
    }
    expect(new Set(got.map(({ key }) => `${key.a},${key.b}`)).size).toBe(6);
  });

  it('leaves out an incomplete batch at the end of each epoch when told to', async () => {
    const got = await all(samples(dataset(10), { epochs: 2 }).pipe(batch(4, { workers: 0, dropLast: true })));
    expect(got.map(({ epoch, index, size }) => [epoch, index, size])).toEqual([
      [0, 0, 4],
      [0, 1, 4],
      [1, 0, 4],
      [1, 1, 4],
    ]);
  });

  it('a batch releases its memory once', async () => {
    const it = pull(samples(dataset(40)).pipe(batch(4, { workers: 0, prefetch: 1 })));
    const first = (await it.next()).value;
    first.dispose();
    first.dispose();
    first[Symbol.dispose]();
    const buffers = new Set<unknown>();
    const kept: Batch[] = [];
    for (let i = 0; i < 6; i++) {
      const { value } = await it.next();
      kept.push(value);
      buffers.add(value.images.buffer);
    }
    expect(buffers.size).toBe(6);
    await it.return?.();
  });
});
