/** Workers that die, hang, cannot start, or are not needed any more. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { map, type Observable, tap } from 'rxjs';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type BatchOp, type BoundBatchTransform, horizontalFlip, padCrop } from '../../src/augment/index.js';
import type { Batch, Sample } from '../../src/core/index.js';
import { asBatchOperator, batch, mapAsync, mixup, prefetch, pull, samples } from '../../src/stream/index.js';
import { WorkerPool } from '../../src/stream/workers/pool.js';
import { sharedPools } from '../../src/stream/workers/shared-pools.js';
import { all, dataset, digest, digests, failure, ids, itemOf, turns, until } from '../stream/make.js';
import { batchOps } from './plugins/trouble.mjs';

const trouble = new URL('./plugins/trouble.mjs', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'rxaug-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let marks = 0;
const mark = () => join(folder, `mark-${marks++}`);

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));
afterEach(async () => {
  await turns();
  expect(unhandled).toEqual([]);
});

/** Some samples get one more draw. */
const trip = (at: readonly number[], op: string, params: () => Record<string, unknown> = () => ({})) =>
  map((s: Sample) => s.drawn(at.includes(s.index) ? [{ op, params: params() }] : []));

const pixelsOf = ({ images, labels, samples: s, index }: Batch) => ({
  images: images.slice(),
  labels,
  ids: ids(s),
  index,
});

describe('a worker that dies', () => {
  const pipeline = (workers: number, modules: string[] = []) =>
    samples(dataset(300), { shuffle: true }).pipe(
      horizontalFlip(),
      padCrop(2),
      batch(20, { workers, modules, prefetch: 4 }),
      mixup(),
    );

  it('is replaced, however often, and no byte changes', async () => {
    const expected = await digests(pipeline(0));
    const got: string[] = [];
    // A pool of its own, so that these deaths are not laid to other tests.
    for await (const b of pull(pipeline(2, [`${trouble}?killed`]))) {
      got.push(digest(b));
      b.dispose();
      const pool = sharedPools().at(-1) as WorkerPool;
      const [victim] = pool.threads;
      if (got.length % 3 === 1) void victim?.terminate();
    }
    expect(got).toEqual(expected);
  });

  it('is replaced when all die at once', async () => {
    const expected = await digests(pipeline(0));
    const got: string[] = [];
    for await (const b of pull(pipeline(2, [`${trouble}?all`]))) {
      got.push(digest(b));
      if (got.length === 2) {
        await Promise.all((sharedPools().at(-1) as WorkerPool).threads.map((thread) => thread.terminate()));
      }
    }
    expect(got).toEqual(expected);
  });

  it('has its chunk done again', async () => {
    const source = () => samples(dataset(60)).pipe(horizontalFlip());
    const expected = (await all(source().pipe(trip([], ''), batch(15, { workers: 0 })))).map(pixelsOf);
    for (const op of ['exitOnce', 'loopOnce']) {
      const got = await all(
        source().pipe(
          trip([0, 59], op, () => ({ mark: mark() })),
          batch(15, { workers: 2, modules: [trouble], hangSeconds: 0.3 }),
        ),
      );
      expect(got.map(pixelsOf)).toEqual(expected);
      expect(got.flatMap(({ bad }) => bad)).toEqual([]);
    }
  });

  it('three times at one sample has that sample set aside, and no other', async () => {
    const expected = await all(samples(dataset(40)).pipe(batch(10, { workers: 0, dtype: 'uint8' })));
    {
      const got = await all(
        samples(dataset(40)).pipe(
          trip([13, 39], 'exit'),
          batch(10, { workers: 2, modules: [trouble], dtype: 'uint8', maxBad: 0.1 }),
        ),
      );
      const reason =
        'its rendering ended the worker 3 times (it exited); remove the sample, or look at the plugin that renders it';
      expect(got.flatMap(({ bad }) => bad)).toEqual(['s13', 's39'].map((id) => ({ id, reason })));
      expect(ids(got.flatMap((b) => b.samples))).toEqual(
        ids(expected.flatMap((b) => b.samples)).filter((id) => !['s13', 's39'].includes(id)),
      );
      const rows = (batches: Batch[]) =>
        new Map(
          batches.flatMap((b) => b.samples.map(({ id }, i) => [id, b.images.slice(108 * i, 108 * (i + 1))])),
        );
      const whole = rows(expected);
      for (const [id, row] of rows(got)) expect(row).toEqual(whole.get(id));
    }
  });

  it('because it hangs is replaced too', async () => {
    const got = await all(
      samples(dataset(8)).pipe(
        trip([5], 'loop'),
        batch(4, { workers: 1, modules: [trouble], hangSeconds: 0.3 }),
      ),
    );
    expect(got.map(({ size }) => size)).toEqual([4, 3]);
    expect(got[1]?.bad).toMatchObject([
      { id: 's5', reason: expect.stringContaining('no progress in 0.3 s') },
    ]);
  });

  it('in the middle of mixing leaves nothing half mixed', async () => {
    const plugin = (which: string): BoundBatchTransform => ({
      name: 'invertOrExit',
      options: {},
      ops: batchOps as unknown as BatchOp[],
      draw: () => [{ op: 'invertOrExit', params: { mark: which } }],
    });
    const run = (which: string, workers: number) =>
      all(
        samples(dataset(12)).pipe(
          batch(6, { workers, modules: [trouble], dtype: 'uint8' }),
          asBatchOperator(plugin(which)),
        ),
      );
    const expected = (await run(mark(), 0)).map(pixelsOf);
    expect((await run(mark(), 1)).map(pixelsOf)).toEqual(expected);
    expect(await failure(run('always', 1))).toMatch(/^invertOrExit: mixing a batch ended the worker 3 times/);
  });

  it('a hanging worker is distinguished from one that waits for a busy main thread', async () => {
    const it = pull(
      samples(dataset(80)).pipe(batch(4, { workers: 1, modules: [`${trouble}?busy`], hangSeconds: 0.2 })),
    );
    const first = await it.next();
    const [thread] = (sharedPools().at(-1) as WorkerPool).threads;
    const got: Batch[] = [first.value];
    for (let step = 0; step < 4; step++) {
      got.push((await it.next()).value);
      const end = Date.now() + 300; // a training step
      while (Date.now() < end);
    }
    for (let next = await it.next(); !next.done; next = await it.next()) got.push(next.value);
    expect(got).toHaveLength(20);
    expect((sharedPools().at(-1) as WorkerPool).threads).toEqual([thread]);
  });
});

describe('a plugin', () => {
  it('that throws ends the stream with its sentence', async () => {
    const run = all(
      samples(dataset(8)).pipe(trip([6], 'throw'), batch(4, { workers: 1, modules: [trouble] })),
    );
    expect(await failure(run)).toBe('s6: rendering failed: a slip in the plugin');
  });

  it('that is not there is named, by workers and inline, before there is a sample and after', async () => {
    const missing = new URL('./plugins/missing.mjs', import.meta.url).href;
    for (const workers of [0, 1, 2]) {
      for (const wait of [0, 300]) {
        const opened = samples(async () => {
          await new Promise((resolve) => setTimeout(resolve, wait));
          return dataset(8);
        });
        const run = all(opened.pipe(batch(4, { workers, modules: [missing] })));
        expect(await failure(run)).toMatch(
          /^batch: modules: 'file:.*missing\.mjs' cannot be loaded \(.*\); check the URL and the module$/,
        );
      }
    }
  });

  it('that workers cannot load gives one error', async () => {
    const noStart = new URL('./plugins/no-start.mjs', import.meta.url).href;
    for (const [workers, wait] of [
      [2, 0],
      [1, 1500],
    ] as const) {
      const opened = samples(async () => {
        await new Promise((resolve) => setTimeout(resolve, wait));
        return dataset(80);
      });
      const run = all(opened.pipe(batch(4, { workers, modules: [noStart] })));
      expect(await failure(run)).toMatch(
        /^workers cannot start \(.*this plugin wants the main thread.*\); use workers: 0, or run rxaug doctor$/,
      );
    }
  });
});

describe('a stream that is left', () => {
  it('asks for nothing more and has its jobs dropped', async () => {
    const data = dataset(400);
    const slow = Array.from({ length: 350 }, (_, i) => 50 + i);
    const it = pull(
      samples(data).pipe(
        trip(slow, 'slow', () => ({ ms: 100 })),
        batch(50, { workers: 1, modules: [trouble], prefetch: 6 }),
      ),
    );
    await it.next();
    const { length } = data.calls;
    const from = performance.now();
    await it.return?.();
    // What was ordered would take 300 rows × 100 ms; the pool is free for others at once.
    const other = await all(samples(dataset(4)).pipe(batch(4, { workers: 1, modules: [trouble] })));
    expect(other).toHaveLength(1);
    expect(performance.now() - from).toBeLessThan(15_000);
    await turns();
    expect(data.calls.length).toBe(length);
  });

  it('drops the jobs that wait and ends those at hand', async () => {
    const pool = new WorkerPool({ workers: 1, modules: [trouble] });
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const slot = {
      buffer: new SharedArrayBuffer(108 * 100),
      fresh: true,
      dtype: 'uint8',
      layout: 'HWC',
      height: 6,
      width: 6,
      masks: [],
    } as const;
    const rows = Array.from({ length: 100 }, (_, i) => ({
      ...itemOf(i),
      recipe: [{ op: 'slow', params: { ms: 100 } }],
    }));
    const jobs = Array.from({ length: 10 }, () => pool.run({ kind: 'render', slot, first: 0, rows }, stop));
    const outcomes = Promise.allSettled(jobs);
    await new Promise((resolve) => setTimeout(resolve, 200));
    pool.stop(stop);
    for (const outcome of await outcomes) expect(outcome.status).toBe('rejected'); // 10 × 60 s otherwise
    const after = await pool.run({ kind: 'render', slot, first: 0, rows: rows.slice(0, 1) });
    expect(after.failures).toEqual([]);
    pool.dispose();
    expect(pool.threads).toEqual([]);
  });

  it('inline stops at the next row', async () => {
    let rendered = 0;
    const counting = map((s: Sample) => {
      const { image } = s;
      const seen = {
        ...image,
        get width() {
          rendered++;
          return 6;
        },
      };
      return s.with({ image: seen as unknown as Sample['image'] });
    });
    const it = pull(samples(dataset(4000)).pipe(counting, batch(500, { workers: 0, prefetch: 8 })));
    await it.next();
    it.cancel();
    await turns(4);
    const then = rendered;
    await turns(100);
    expect(rendered).toBe(then);
  });

  it('at any moment leaves nothing behind', async () => {
    const raw = { width: 6, height: 6, channels: 3 } as const;
    const bytes = await sharp(Buffer.alloc(108, 77), { raw }).png().toBuffer(); // decoded with a promise
    const image = { kind: 'bytes', bytes } as const;
    const make = (i: number) => (i % 3 === 0 ? itemOf(i) : { id: `s${i}`, image, label: 0 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1),
        fc.nat(40),
        fc.nat(4),
        fc.boolean(),
        async (workers, wait, taken, slowly) => {
          const data = dataset(200, make);
          const opened = slowly ? samples(async () => data) : samples(data);
          const it = pull(
            opened.pipe(
              horizontalFlip(),
              batch(5, { workers }),
              mixup(),
              mapAsync(async (b) => b),
              prefetch(2),
            ),
          );
          for (let i = 0; i < taken; i++) (await it.next()).value.dispose();
          const last = it.next();
          await turns(wait);
          it.cancel();
          await last;
          const { length } = data.calls;
          await turns(5);
          expect(data.calls.length).toBe(length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('shares its pool with others, which go on', async () => {
    const build = (seed: number) =>
      samples(dataset(200), { shuffle: true, seed }).pipe(horizontalFlip(), batch(10, { workers: 2 }));
    const expected = await digests(build(1).pipe(tap()), { workers: 0 });
    const left = pull(build(0));
    await left.next();
    const going = digests(build(1));
    await left.next();
    left.cancel();
    expect(await going).toEqual(expected);
  });

  it('frees its pool, which ends when it is not used again', async () => {
    const modules = [`${trouble}?freed`];
    const build = (): Observable<Batch> => samples(dataset(8)).pipe(batch(4, { workers: 2, modules }));
    await all(build());
    const pool = sharedPools().at(-1) as WorkerPool;
    expect(pool.threads).toHaveLength(2);
    await all(build());
    expect(sharedPools().at(-1)).toBe(pool);
    await until(() => pool.isDisposed, 10);
    expect(sharedPools()).not.toContain(pool);
    expect(pool.threads).toEqual([]);
  });

  it('survives a pool of the same name that gave up', async () => {
    const file = join(folder, 'flaky.mjs');
    const { writeFileSync } = await import('node:fs');
    const flag = join(folder, 'healthy');
    writeFileSync(
      file,
      `import { existsSync } from 'node:fs';
       import { isMainThread } from 'node:worker_threads';
       if (!isMainThread && !existsSync(${JSON.stringify(flag)})) throw new Error('not yet');`,
    );
    const modules = [new URL(`file://${file}`).href];
    const build = () => samples(dataset(8)).pipe(batch(4, { workers: 1, modules }));
    const old = pull(build());
    expect(await failure(old.next())).toMatch(/workers cannot start/);
    writeFileSync(flag, '');
    expect(existsSync(flag)).toBe(true);
    const next = pull(build());
    expect((await next.next()).value.size).toBe(4);
    old.cancel();
    expect(sharedPools().some((pool) => !pool.isDisposed && pool.threads.length === 1)).toBe(true);
    expect((await next.next()).value.size).toBe(4);
    expect((await next.next()).done).toBe(true);
  });
});
