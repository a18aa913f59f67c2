import { interval, Observable, of, map as rxMap, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import type { Item, ItemStream, Sample } from '../../src/core/index.js';
import { batch, epochs, fromItems, pull, samples } from '../../src/stream/index.js';
import { all, broken, CLASSES, dataset, failure, ids, itemOf, itemStream, turns, until } from './make.js';

const sorted = (samples: readonly Sample[]) => samples.map(({ index }) => index).sort((a, b) => a - b);

describe('a data set with random access', () => {
  it('is given in order, or in a keyed order of its own each epoch', async () => {
    const plain = await all(samples(dataset(50), { epochs: 2 }));
    expect(ids(plain)).toEqual([0, 1].flatMap(() => Array.from({ length: 50 }, (_, i) => `s${i}`)));
    const mixed = await all(samples(dataset(50), { epochs: 2, shuffle: true }));
    const [first, second] = [mixed.slice(0, 50), mixed.slice(50)];
    for (const epoch of [first, second]) expect(sorted(epoch)).toEqual(sorted(plain.slice(0, 50)));
    expect(ids(first)).not.toEqual(ids(second));
    expect(ids(await all(samples(dataset(50), { epochs: 2, shuffle: true })))).toEqual(ids(mixed));
    expect(ids(await all(samples(dataset(50), { shuffle: true, seed: 1 })))).not.toEqual(ids(first));
  });

  it('tells each sample its index, epoch and progress', async () => {
    const got = await all(samples(dataset(4), { epochs: 2, shuffle: true }));
    expect(got.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(got.map(({ progress }) => progress)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => i / 8));
    for (const { id, index } of got) expect(id).toBe(`s${index}`);
  });

  it('gives so many of each class, the same for one seed', async () => {
    const got = await all(samples(dataset(60), { perClass: 4 }));
    expect(got).toHaveLength(12);
    for (const label of [0, 1, 2]) expect(got.filter((s) => s.label === label)).toHaveLength(4);
    expect(ids(await all(samples(dataset(60), { perClass: 4 })))).toEqual(ids(got));
    expect(ids(await all(samples(dataset(60), { perClass: 4, seed: 9 })))).not.toEqual(ids(got));
    const mixed = await all(samples(dataset(60), { perClass: 4, shuffle: true, epochs: 2 }));
    expect(sorted(mixed.slice(0, 12))).toEqual(sorted(got));
    expect(sorted(mixed.slice(12))).toEqual(sorted(got));
    expect(got[0]?.origin.size).toBe(12);
  });

  it('says so when a class has too few', async () => {
    expect(await failure(all(samples(dataset(7), { perClass: 3 })))).toBe(
      "source: expected 3 samples of class 'bee' but made has 2; lower perClass",
    );
    const none = dataset(9, (i) => itemOf(i, {}, i % 2));
    expect(await failure(all(samples(none, { perClass: 3 })))).toMatch(/of class 'cat' but made has 0/);
    const soft = dataset(9, (i) => itemOf(i, {}, Float32Array.of(0.5, 0.5, 0)));
    expect(await failure(all(samples(soft, { perClass: 3 })))).toMatch(
      /s\d has a distribution; leave perClass out/,
    );
  });

  it('is refused when it is empty', async () => {
    expect(await failure(all(samples(dataset(0))))).toMatch(/expected samples in made but found none/);
  });

  it('is opened once, when someone subscribes, and again after a failure', async () => {
    let opened = 0;
    const source = samples(async () => {
      if (++opened === 1) throw new Error('not yet');
      return dataset(3);
    });
    await turns();
    expect(opened).toBe(0);
    expect(await failure(all(source))).toBe('not yet');
    const both = await Promise.all([all(source), all(source)]);
    expect(both.map((s) => s.length)).toEqual([3, 3]);
    expect(opened).toBe(2);
  });

  it('can be unsubscribed while it opens', async () => {
    const data = dataset(3);
    let open: () => void = () => undefined;
    const source = samples(
      () =>
        new Promise<typeof data>((resolve) => {
          open = () => resolve(data);
        }),
    );
    const it = pull(source.pipe(batch(2, { workers: 0 })));
    const answer = it.next();
    it.cancel();
    open();
    expect((await answer).done).toBe(true);
    await turns();
    expect(data.calls).toHaveLength(0);
  });
});

describe('epochs', () => {
  it('repeats the source with new draws, and gives way to a consumer', async () => {
    for (const data of [dataset(3), itemStream(3)]) {
      const got = await all(samples(data).pipe(epochs(3)));
      expect(got.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
      expect(new Set(got.map(({ key }) => `${key.a},${key.b}`)).size).toBe(9);
    }
    const inner = await all(samples(dataset(3), { epochs: 7 }).pipe(epochs(5), epochs(2)));
    expect(inner).toHaveLength(6);
  });

  it('works behind batch', async () => {
    const got = await all(samples(dataset(3)).pipe(batch(2, { workers: 0 }), epochs(2)));
    expect(got.map(({ epoch, index, size }) => [epoch, index, size])).toEqual([
      [0, 0, 2],
      [0, 1, 1],
      [1, 0, 2],
      [1, 1, 1],
    ]);
  });

  it('refuses what is no number of passes', () => {
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => epochs(n)).toThrow(/whole number ≥ 1 or Infinity/);
  });
});

/** One after another, and it is known when it is left. */
function watched(n: number): ItemStream & { open: number; closed: number } {
  const state = { open: 0, closed: 0, name: 'made', classes: CLASSES };
  return Object.assign(state, {
    async *items(): AsyncGenerator<Item> {
      state.open++;
      try {
        for (let i = 0; i < n; i++) yield itemOf(i);
      } finally {
        state.closed++;
      }
    },
  });
}

describe('a data set that is read in order', () => {
  it('is passed over once an epoch', async () => {
    const data = watched(4);
    const got = await all(samples(data, { epochs: 3 }));
    expect(got.map(({ index }) => index)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    expect(data).toMatchObject({ open: 3, closed: 3 });
  });

  it('is closed when it is left early', async () => {
    for (const leave of [
      async (data: ItemStream) => {
        for await (const _ of pull(samples(data))) break;
      },
      async (data: ItemStream) => {
        await new Promise<void>((done) => samples(data).pipe(take(2)).subscribe({ complete: done }));
      },
      async (data: ItemStream) => {
        for await (const _ of pull(samples(data).pipe(batch(2, { workers: 0 })))) break;
      },
    ]) {
      const data = watched(1000);
      await leave(data);
      await until(() => data.closed === 1);
      expect(data.open).toBe(1);
    }
  });

  it('passes all fields of an item on', async () => {
    const item = { ...itemOf(3), targets: {} };
    for (const data of [dataset(1, () => item), itemStream(1, () => item)]) {
      const [sample] = await all(samples(data));
      expect(sample).toMatchObject(item);
      expect(sample?.image).toBe(item.image);
      expect(sample?.targets).toBe(item.targets);
    }
  });

  it('passes errors on', async () => {
    const data: ItemStream = {
      ...watched(0),
      async *items() {
        yield itemOf(0);
        yield itemOf(1);
        throw new Error('the line is cut');
      },
    };
    const it = pull(samples(data));
    expect([(await it.next()).value.id, (await it.next()).value.id]).toEqual(['s0', 's1']);
    expect(await failure(it.next())).toBe('the line is cut');
  });

  it('has no random access to offer', async () => {
    expect(await failure(all(samples(itemStream(3), { shuffle: true })))).toMatch(/use the shuffle operator/);
    expect(await failure(all(samples(itemStream(3), { perClass: 1 })))).toMatch(/random access for perClass/);
  });

  it('begins a later epoch without reading the ones before', async () => {
    const data = watched(4);
    const got = await all(samples(data, { epochs: 3 }), { start: { epoch: 2, batch: 0 } });
    expect(got.map(({ epoch }) => epoch)).toEqual([2, 2, 2, 2]);
    expect(data.open).toBe(1);
  });
});

describe('fromItems', () => {
  const likes = (n: number) =>
    Array.from({ length: n }, (_, i) => ({ id: `s${i}`, image: itemOf(i).image, label: i % 3 }));

  it('takes iterables, async iterables, streams and Observables', async () => {
    const list = likes(5);
    async function* slowly() {
      for (const like of list) yield like;
    }
    const kinds = [
      list,
      () => list.values(),
      () => slowly(),
      () =>
        new ReadableStream({
          start(controller) {
            for (const like of list) controller.enqueue(like);
            controller.close();
          },
        }),
      of(...list),
    ];
    const digestOf = async (kind: (typeof kinds)[number]) =>
      ids(
        await all(fromItems(kind as never, { classes: CLASSES, epochs: typeof kind === 'function' ? 2 : 1 })),
      );
    for (const kind of kinds) {
      const got = await digestOf(kind);
      expect(got.slice(0, 5)).toEqual(['s0', 's1', 's2', 's3', 's4']);
      expect(got).toHaveLength(typeof kind === 'function' ? 10 : 5);
    }
  });

  it('asks an iterable for no more than is used', async () => {
    let asked = 0;
    function* endless() {
      for (;;) yield { image: itemOf(asked++).image, label: 0 };
    }
    const it = pull(fromItems(endless, { classes: 1 }).pipe(batch(2, { workers: 0, prefetch: 2 })));
    for (let taken = 1; taken <= 5; taken++) {
      await it.next();
      await turns(40);
      expect(asked).toBeLessThanOrEqual((taken + 3) * 2 + 1);
    }
    await it.return?.();
    const { asked: then } = { asked };
    await turns();
    expect(asked).toBe(then);
  });

  it('unsubscribes from an Observable that is left, though it is silent', async () => {
    for (const before of [0, 2]) {
      let state: 'new' | 'subscribed' | 'left' = 'new';
      const silent = new Observable<{ image: Item['image']; label: number }>((subscriber) => {
        state = 'subscribed';
        for (let i = 0; i < before; i++) subscriber.next({ image: itemOf(i).image, label: 0 });
        return () => {
          state = 'left';
        };
      });
      const it = pull(fromItems(silent, { classes: 1, epochs: 3 }).pipe(horizontalFlip()));
      for (let i = 0; i < before; i++) await it.next();
      const waiting = it.next();
      await until(() => state === 'subscribed');
      await turns();
      it.cancel();
      expect((await waiting).done).toBe(true);
      await turns();
      expect(state).toBe('left');
    }
  });

  it('unsubscribes from an Observable that is left', async () => {
    let unsubscribed = false;
    const ticking = new Observable<{ image: Item['image']; label: number }>((subscriber) => {
      const inner = interval(1)
        .pipe(rxMap((i) => ({ image: itemOf(i).image, label: 0 })))
        .subscribe(subscriber);
      return () => {
        unsubscribed = true;
        inner.unsubscribe();
      };
    });
    for await (const _ of pull(fromItems(ticking, { classes: 1 }))) break;
    await until(() => unsubscribed);
  });

  it('refuses an Observable that runs away', async () => {
    const subject = new Subject<{ image: Item['image']; label: number }>();
    const it = pull(fromItems(subject, { classes: 1, maxBuffered: 3 }));
    const first = it.next();
    await turns();
    for (let i = 0; i < 9; i++) subject.next({ image: itemOf(i).image, label: 0 });
    expect((await first).done).toBe(false);
    expect(
      await failure(
        (async () => {
          for (;;) if ((await it.next()).done) return;
        })(),
      ),
    ).toMatch(/more than 3 items of the Observable wait/);
  });

  it('says so when it is empty or can be passed over once only', async () => {
    expect(await failure(all(fromItems([], { classes: 1 })))).toMatch(/gave no item/);
    const once = likes(2).values();
    expect(await failure(all(fromItems(once, { classes: CLASSES, epochs: 2 })))).toMatch(
      /iterated only once/,
    );
  });

  it('sends small parts of a large buffer to workers without the rest of it', async () => {
    const large = new Uint8Array(3 * 36 * 1000);
    const list = Array.from({ length: 8 }, (_, i) => {
      const data = large.subarray(i * 108, (i + 1) * 108);
      data.set(itemOf(i).image.kind === 'pixels' ? (itemOf(i).image as { data: Uint8Array }).data : []);
      return { image: { data, width: 6, height: 6 }, label: 0 };
    });
    const [inline] = await all(
      fromItems(list, { classes: 1 }).pipe(batch(8, { workers: 0, dtype: 'uint8' })),
    );
    const [threaded] = await all(
      fromItems(list, { classes: 1 }).pipe(batch(8, { workers: 1, dtype: 'uint8' })),
    );
    expect(threaded?.images).toEqual(inline?.images);
    expect(inline?.images).toEqual(new Uint8Array(large.subarray(0, 8 * 108)));
  });

  it('keeps a source alive through a bad item', async () => {
    const list = [...likes(2), { image: 7, label: 0 }, { image: broken(9).image, label: 0 }, ...likes(1)];
    const [made] = await all(fromItems(list as never, { classes: CLASSES }).pipe(batch(9, { workers: 0 })));
    expect(made?.size).toBe(3);
    expect(made?.bad.map(({ id }) => id)).toEqual(['from/3']);
    expect(made?.origin.problems).toMatchObject([{ where: 'from/2' }]);
  });
});
