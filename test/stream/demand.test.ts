import {
  concat,
  concatMap,
  defer,
  filter,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  repeat,
  from as rxFrom,
  scan,
  skip,
  startWith,
  take,
  takeWhile,
  tap,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/core/index.js';
import { batch, pull, samples } from '../../src/stream/index.js';
import { all, dataset, failure, ids, itemStream, turns } from './make.js';

type Op = (source: Observable<Sample>) => Observable<unknown>;

describe('the chain of demand', () => {
  const chains: [name: string, op: Op, ahead: number][] = [
    ['nothing', (s) => s, 2],
    ['map', map((s) => s), 2],
    [
      'tap, scan, startWith',
      (s) =>
        s.pipe(
          tap(),
          scan((_, b) => b),
          startWith(undefined),
        ),
      2,
    ],
    ['concat', (s) => concat(s, s), 2],
    ['defer', (s) => defer(() => s), 2],
    ['repeat', repeat(3), 2],
    ['concatMap', concatMap((s) => of(s, s)), 2],
    ['mergeMap with what comes at once', mergeMap((s) => [s, s]), 2],
    ['takeWhile', takeWhile(() => true), 2],
    ['merge', (s) => merge(s, s), 4],
    ['skip', skip(1), 3],
    ['filter', filter((s) => s.index % 2 === 0), 4],
  ];

  for (const [name, op, ahead] of chains) {
    it(`holds through ${name}`, async () => {
      for (const data of [dataset(500), itemStream(500)]) {
        const it = pull(samples(data).pipe(op));
        await turns();
        expect(data.calls).toHaveLength(0);
        for (let asked = 1; asked <= 5; asked++) {
          expect((await it.next()).done).toBe(false);
          await turns();
          const most = name === 'filter' ? 2 * asked + ahead : asked + ahead;
          expect(data.calls.length).toBeLessThanOrEqual(most);
        }
        await it.return?.();
      }
    });
  }

  it('emits nothing to a consumer that never requests', async () => {
    const data = dataset(10);
    const it = pull(samples(data).pipe(batch(2, { workers: 0 })));
    await turns();
    expect(data.calls).toHaveLength(0);
    it.cancel();
    expect(await it.next()).toEqual({ done: true, value: undefined });
    expect(data.calls).toHaveLength(0);
  });

  it('lets a filter drop nearly everything', async () => {
    for (const data of [dataset(5000), itemStream(5000)]) {
      const got = await all(samples(data).pipe(filter(({ index }) => index % 2400 === 2399)));
      expect(ids(got)).toEqual(['s2399', 's4799']);
      const batches = await all(
        samples(data).pipe(
          filter(({ index }) => index === 4999),
          batch(4, { workers: 0 }),
        ),
      );
      expect(batches.map((b) => ids(b.samples))).toEqual([['s4999']]);
    }
  });

  it('lets a filter drop everything', async () => {
    expect(
      await all(
        samples(dataset(2000)).pipe(
          filter(() => false),
          batch(4, { workers: 0 }),
        ),
      ),
    ).toEqual([]);
  });
});

describe('batches under way', () => {
  const bound = (taken: number, size: number, prefetch: number) => (taken + 1 + prefetch) * size;

  for (const prefetch of [1, 2, 5]) {
    it(`are bounded by prefetch ${prefetch}, map-style and streaming`, async () => {
      for (const data of [dataset(400), itemStream(400)]) {
        const it = pull(samples(data).pipe(batch(4, { workers: 0, prefetch })));
        for (let taken = 1; taken <= 6; taken++) {
          await it.next();
          await turns(40);
          // One item more may be on its way through an async iterator.
          expect(data.calls.length).toBeLessThanOrEqual(bound(taken, 4, prefetch) + 1);
          expect(data.calls.length).toBeGreaterThanOrEqual(taken * 4);
        }
        await it.return?.();
      }
    });
  }

  it('are bounded for a source that pays no heed to the gate', async () => {
    const list = await all(samples(dataset(200)));
    const buffers = new Set<unknown>();
    const it = pull(rxFrom(list).pipe(batch(4, { workers: 0, prefetch: 2 })));
    for (let taken = 0; taken < 10; taken++) {
      const { value } = await it.next();
      await turns(40);
      buffers.add(value.images.buffer);
      value.dispose();
    }
    // Two under way, one waiting, one here: all others are used again.
    expect(buffers.size).toBeLessThanOrEqual(4);
    await it.return?.();
  });
});

describe('pull', () => {
  const counted = (n: number) => {
    const data = dataset(n);
    return { data, source: samples(data) };
  };

  it('gives everything in order and then ends for good', async () => {
    const { source } = counted(5);
    const it = pull(source);
    const got: string[] = [];
    for await (const { id } of it) got.push(id);
    expect(got).toEqual(['s0', 's1', 's2', 's3', 's4']);
    expect(await it.next()).toEqual({ done: true, value: undefined });
    expect(await it.next()).toEqual({ done: true, value: undefined });
  });

  it('answers several requests at once, in order', async () => {
    for (const data of [dataset(3), itemStream(3)]) {
      const it = pull(samples(data));
      const answers = await Promise.all([it.next(), it.next(), it.next(), it.next(), it.next()]);
      expect(answers.map(({ done, value }) => (done ? null : value.id))).toEqual([
        's0',
        's1',
        's2',
        null,
        null,
      ]);
    }
  });

  it('stops the work when the loop is left by break', async () => {
    const { data, source } = counted(1000);
    for await (const _ of pull(source)) break;
    const { length } = data.calls;
    await turns();
    expect(data.calls.length).toBe(length);
    expect(length).toBeLessThanOrEqual(3);
  });

  it('stops the work when the loop is left by an error', async () => {
    const { data, source } = counted(1000);
    const consume = async () => {
      for await (const _ of pull(source)) throw new Error('the consumer is at fault');
    };
    expect(await failure(consume())).toBe('the consumer is at fault');
    const { length } = data.calls;
    await turns();
    expect(data.calls.length).toBe(length);
  });

  it('ends an open request when it is canceled', async () => {
    let unsubscribed = false;
    const silent = new Observable<number>(() => () => {
      unsubscribed = true;
    });
    const it = pull(silent);
    const answer = it.next();
    it.cancel();
    expect(await answer).toEqual({ done: true, value: undefined });
    expect(unsubscribed).toBe(true);
  });

  it('gives what came before an error, then the error once, then nothing', async () => {
    const it = pull(
      concat(
        of(1, 2),
        defer(() => Promise.reject(new Error('torn'))),
      ),
    );
    await turns();
    expect((await it.next()).value).toBe(1);
    expect((await it.next()).value).toBe(2);
    expect(await failure(it.next())).toBe('torn');
    expect((await it.next()).done).toBe(true);
  });

  it('disposes of batches that were not taken', async () => {
    let disposed = 0;
    const it = pull(of(...[1, 2, 3].map((n) => ({ n, dispose: () => disposed++ }))));
    expect((await it.next()).value.n).toBe(1);
    await it.return?.();
    expect(disposed).toBe(2);
  });

  it('passes errors of readers on', async () => {
    const data = { ...dataset(10), item: () => expect.fail('item') };
    expect(await failure(all(samples(data)))).toBe('item');
    const opened = samples(async () => Promise.reject(new Error('no such folder')));
    expect(await failure(all(opened))).toBe('no such folder');
    expect(await failure(all(opened.pipe(batch(2, { workers: 0 }))))).toBe('no such folder');
  });

  it('begins at an epoch and a batch', async () => {
    const data = dataset(10);
    const batches = samples(data, { epochs: 3, shuffle: true }).pipe(batch(4, { workers: 0 }));
    const whole = await all(batches);
    const places = whole.map(({ epoch, index }) => [epoch, index]);
    expect(places).toEqual([0, 1, 2].flatMap((e) => [0, 1, 2].map((i) => [e, i])));
    for (const [k, [epoch, first]] of places.entries()) {
      const rest = await all(batches, { start: { epoch: epoch as number, batch: first as number } });
      expect(rest.map((b) => ids(b.samples))).toEqual(whole.slice(k).map((b) => ids(b.samples)));
      expect(rest.map((b) => b.index)).toEqual(whole.slice(k).map((b) => b.index));
    }
    const over = await all(batches, { start: { epoch: 1, batch: 4 } });
    expect(over.map(({ epoch, index }) => [epoch, index])).toEqual(places.slice(7));
    expect(await all(batches, { start: { epoch: 1, batch: 99 } })).toHaveLength(0);
    expect(await all(batches, { start: { epoch: 3, batch: 0 } })).toHaveLength(0);
  });
});

describe('without demand', () => {
  it('a plain subscriber gets everything', async () => {
    const got: string[] = [];
    await new Promise<void>((resolve, reject) =>
      samples(dataset(700)).subscribe({ next: ({ id }) => got.push(id), error: reject, complete: resolve }),
    );
    expect(got).toHaveLength(700);
  });

  it('a plain subscriber of batches too, no more than prefetch at a time', async () => {
    const data = dataset(40);
    let taken = 0;
    await new Promise<void>((resolve, reject) =>
      samples(data)
        .pipe(batch(4, { workers: 0, prefetch: 2 }))
        .subscribe({
          next(b) {
            taken++;
            expect(data.calls.length).toBeLessThanOrEqual((taken + 2) * 4);
            b.dispose();
          },
          error: reject,
          complete: resolve,
        }),
    );
    expect(taken).toBe(10);
  });

  it('take ends an endless source and lets go of it', async () => {
    for (const data of [dataset(3), itemStream(3)]) {
      let torn = false;
      const endless = new Observable<Sample>((subscriber) => {
        subscriber.add(() => {
          torn = true;
        });
        return samples(data, { epochs: Number.POSITIVE_INFINITY }).subscribe(subscriber);
      });
      const got: Sample[] = [];
      await new Promise<void>((resolve) =>
        endless.pipe(take(100)).subscribe({ next: (s) => got.push(s), complete: resolve }),
      );
      expect(got).toHaveLength(100);
      expect(torn).toBe(true);
      const { length } = data.calls;
      await turns();
      expect(data.calls.length).toBe(length);
    }
  });

  it('yields to the event loop', async () => {
    let turned = 0;
    let going = true;
    const turn = () => {
      turned++;
      if (going) setImmediate(turn);
    };
    setImmediate(turn);
    await new Promise<void>((resolve) =>
      samples(dataset(100), { epochs: 100 }).subscribe({ complete: resolve }),
    );
    going = false;
    expect(turned).toBeGreaterThan(10);
  });
});
