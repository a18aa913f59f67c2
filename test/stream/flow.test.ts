/** shuffle, prefetch, mapAsync, tapProgress: what they give, and how far ahead they run. */
import { concat, defer, from, map, type Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/core/index.js';
import {
  batch,
  mapAsync,
  mixup,
  prefetch,
  pull,
  type StreamProgress,
  samples,
  shuffle,
  tapProgress,
} from '../../src/stream/index.js';
import { all, dataset, digests, failure, ids, itemStream, turns } from './make.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('shuffle', () => {
  it('gives every sample once, in an order of the seed and the epoch', async () => {
    const run = (seed: number) => all(samples(itemStream(40), { epochs: 2, seed }).pipe(shuffle(16)));
    const got = await run(0);
    const [first, second] = [got.slice(0, 40), got.slice(40)];
    expect(first.every(({ epoch }) => epoch === 0)).toBe(true);
    expect(second.every(({ epoch }) => epoch === 1)).toBe(true);
    for (const part of [first, second]) expect(new Set(ids(part)).size).toBe(40);
    expect(ids(first)).not.toEqual(ids(second));
    expect(ids(await run(0))).toEqual(ids(got));
    expect(ids(await run(1))).not.toEqual(ids(got));
  });

  it('lets no sample leave more than a buffer early', async () => {
    const got = await all(samples(itemStream(200)).pipe(shuffle({ buffer: 10 })));
    for (const [place, { index }] of got.entries()) expect(index).toBeLessThan(place + 10);
    expect(ids(got)).not.toEqual(ids([...got].sort((a, b) => a.index - b.index)));
  });

  it('gives the end of an epoch as it is asked for', async () => {
    const data = itemStream(60);
    const it = pull(samples(data, { epochs: 3 }).pipe(shuffle(30), batch(2, { workers: 0, prefetch: 1 })));
    for (let taken = 1; taken <= 90; taken++) {
      const { value, done } = await it.next();
      expect(done).toBe(false);
      expect(value.epoch).toBe(Math.floor((taken - 1) / 30));
      await turns(4);
      // The buffer, the batches ahead, and the sample that opened the next epoch.
      expect(data.calls.length).toBeLessThanOrEqual(2 * (taken + 2) + 30 + 2);
    }
    expect((await it.next()).done).toBe(true);
  });

  it('draws the same for every consumer', async () => {
    const source = samples(itemStream(30), { epochs: 2 }).pipe(shuffle(12));
    const free: Sample[] = [];
    await new Promise<void>((resolve) => source.subscribe({ next: (s) => free.push(s), complete: resolve }));
    expect(ids(await all(source))).toEqual(ids(free));
    expect(ids(await all(source, { start: { epoch: 1, batch: 0 } }))).toEqual(ids(free.slice(30)));
  });

  it('refuses a buffer that cannot shuffle', () => {
    expect(() => shuffle(1)).toThrow(/shuffle: buffer/);
  });
});

describe('prefetch', () => {
  it('keeps so many ready, and no more', async () => {
    for (const data of [dataset(100), itemStream(100)]) {
      const it = pull(samples(data).pipe(prefetch(5)));
      for (let taken = 1; taken <= 10; taken++) {
        await it.next();
        await turns();
        expect(data.calls.length).toBeGreaterThanOrEqual(taken + 5);
        expect(data.calls.length).toBeLessThanOrEqual(taken + 5 + 2);
      }
      await it.return?.();
    }
  });

  it('sets the number of batches under way, and changes no byte', async () => {
    const source = (n: number, late: boolean) => {
      const batches = samples(dataset(40)).pipe(batch(4, { workers: 0 }));
      return late ? batches.pipe(mixup(), prefetch(n)) : batches.pipe(prefetch(n), mixup());
    };
    const expected = await digests(source(1, false));
    for (const n of [1, 2, 7])
      for (const late of [false, true]) expect(await digests(source(n, late))).toEqual(expected);
    const data = dataset(100);
    const it = pull(samples(data).pipe(batch(4, { workers: 0 }), prefetch(6)));
    await it.next();
    await turns(60);
    expect(data.calls.length).toBeLessThanOrEqual((1 + 1 + 6) * 4);
    expect(data.calls.length).toBeGreaterThanOrEqual(6 * 4);
    it.cancel();
  });

  it('gives what it holds before an error, and its memory back when it is left', async () => {
    const disposed: number[] = [];
    const held = (n: number) => ({ n, dispose: () => void disposed.push(n) });
    const source = concat(
      of(held(1), held(2), held(3)),
      throwError(() => new Error('torn')),
    );
    const it = pull(source.pipe(prefetch(2)));
    expect((await it.next()).value.n).toBe(1);
    expect((await it.next()).value.n).toBe(2);
    expect((await it.next()).value.n).toBe(3);
    expect(await failure(it.next())).toBe('torn');
    for await (const _ of pull(of(held(4), held(5), held(6)).pipe(prefetch(2)))) break;
    expect(disposed.sort()).toEqual([5, 6]);
  });

  it('refuses an invalid length', () => {
    for (const n of [0, 1.5, Number.NaN])
      expect(() => prefetch(n)).toThrow(/prefetch: expected a whole number/);
  });
});

describe('mapAsync', () => {
  it('keeps the order and the bound', async () => {
    for (const concurrency of [1, 3, 8]) {
      let working = 0;
      let most = 0;
      const data = dataset(30);
      const work = mapAsync(
        async ({ index }: Sample) => {
          most = Math.max(most, ++working);
          await sleep((index * 7) % 5);
          working--;
          return index;
        },
        { concurrency },
      );
      expect(await all(samples(data).pipe(work))).toEqual(Array.from({ length: 30 }, (_, i) => i));
      expect(most).toBe(concurrency);
    }
  });

  it('runs no further ahead than it has room', async () => {
    for (const data of [dataset(100), itemStream(100)]) {
      const it = pull(samples(data).pipe(mapAsync(async (s) => s, { concurrency: 4 })));
      for (let taken = 1; taken <= 8; taken++) {
        await it.next();
        await turns();
        expect(data.calls.length).toBeLessThanOrEqual(taken + 1 + 4 + 1);
      }
      await it.return?.();
    }
  });

  it('never works on more than the bound for a source that pays no heed', async () => {
    let working = 0;
    let most = 0;
    const work = mapAsync(
      async (n: number) => {
        most = Math.max(most, ++working);
        await sleep(1);
        working--;
        return n;
      },
      { concurrency: 2 },
    );
    const many = Array.from({ length: 20 }, (_, i) => i);
    expect(await all(of(...many).pipe(work))).toEqual(many);
    expect(most).toBe(2);
  });

  it('gives an error in its place: behind all results before it', async () => {
    const work = mapAsync(
      async (n: number) => {
        await sleep(n === 3 ? 0 : 10);
        if (n === 3) throw new Error('no three');
        return n;
      },
      { concurrency: 4 },
    );
    const got: number[] = [];
    const run = async () => {
      for await (const n of pull(of(1, 2, 3, 4, 5).pipe(work))) got.push(n);
    };
    expect(await failure(run())).toBe('no three');
    expect(got).toEqual([1, 2]);
    const torn = defer(() => Promise.reject(new Error('torn')));
    expect(await failure(all(torn.pipe(mapAsync(async (x) => x))))).toBe('torn');
    const thrown = mapAsync(() => {
      throw new Error('at once');
    });
    expect(await failure(all(of(1).pipe(thrown)))).toBe('at once');
  });

  it('starts nothing after unsubscribing, and disposes of results that are not taken', async () => {
    let begun = 0;
    const disposed: number[] = [];
    const work = mapAsync(
      async (n: number) => {
        begun++;
        await sleep(2);
        return { n, dispose: () => void disposed.push(n) };
      },
      { concurrency: 3 },
    );
    for await (const { n } of pull(of(1, 2, 3, 4, 5, 6, 7, 8, 9).pipe(work))) {
      expect(n).toBe(1);
      break;
    }
    const then = begun;
    await sleep(20);
    expect(begun).toBe(then);
    expect(disposed.sort()).toEqual(Array.from({ length: begun - 1 }, (_, i) => i + 2));
  });

  it('gives back what waits, from sources that pay no heed, on errors of either side and when it is left', async () => {
    const alive = new Set<number>();
    const item = (n: number) => {
      alive.add(n);
      return { n, dispose: () => void alive.delete(n) };
    };
    const items = () => from([1, 2, 3, 4, 5].map(item));
    // The item at hand is the work's own to give back.
    const work = (fails: number) =>
      mapAsync(async (one: ReturnType<typeof item>) => {
        await sleep(1);
        if (one.n !== fails) return one;
        one.dispose();
        throw new Error(`no ${fails}`);
      });
    const taking = async (stream$: Observable<ReturnType<typeof item>>, most = Number.POSITIVE_INFINITY) => {
      let count = 0;
      for await (const one of pull(stream$)) {
        one.dispose();
        if (++count === most) break;
      }
      return count;
    };
    expect(await failure(taking(items().pipe(work(2))))).toBe('no 2');
    await sleep(5);
    expect([...alive]).toEqual([]);
    expect(await taking(items().pipe(work(0)), 1)).toBe(1);
    await sleep(5);
    expect([...alive]).toEqual([]);
    const torn = concat(
      items(),
      throwError(() => new Error('torn')),
    );
    expect(await failure(taking(torn.pipe(work(0))))).toBe('torn');
    await sleep(5);
    expect([...alive]).toEqual([]);
  });

  it('refuses an invalid bound', () => {
    expect(() => mapAsync(async (x) => x, { concurrency: 0 })).toThrow(/mapAsync: concurrency/);
  });
});

describe('tapProgress', () => {
  it('counts batches and images, and touches nothing', async () => {
    const told: StreamProgress[] = [];
    const batches = samples(dataset(10), { epochs: 2 }).pipe(batch(4, { workers: 0 }));
    const tapped = batches.pipe(tapProgress((p) => told.push(p), { everySeconds: 0 }));
    expect(await digests(tapped)).toEqual(await digests(batches));
    expect(told.map(({ items, images, epoch }) => [items, images, epoch])).toEqual([
      [1, 4, 0],
      [2, 8, 0],
      [3, 10, 0],
      [4, 14, 1],
      [5, 18, 1],
      [6, 20, 1],
      [6, 20, 1],
    ]);
    expect(told.map(({ progress }) => progress)).toEqual([0, 0.2, 0.4, 0.5, 0.7, 0.9, 0.9]);
    for (const { imagesPerSecond } of told) expect(imagesPerSecond).toBeGreaterThan(0);
  });

  it('counts samples, and begins anew with each subscription', async () => {
    const told: number[] = [];
    const tapped = samples(dataset(3)).pipe(tapProgress(({ images }) => told.push(images)));
    await all(tapped);
    await all(tapped.pipe(map((s) => s)));
    expect(told).toEqual([3, 3]);
  });
});
