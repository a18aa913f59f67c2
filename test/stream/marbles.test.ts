/** Operators in time: what comes when, what errors and unsubscribing do. */
import type { MonoTypeOperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  cutout,
  horizontalFlip,
  normalize,
  oneOf,
  padCrop,
  randomApply,
  weightedOneOf,
} from '../../src/augment/index.js';
import { Sample } from '../../src/core/index.js';
import { epochs, prefetch, shuffle, tapProgress } from '../../src/stream/index.js';
import { through } from '../../src/stream/through.js';
import { CLASSES, itemOf } from './make.js';

const origin = { name: 'made', classes: CLASSES, seed: 0 };

const letters = 'abcdefgh';
const sampleOf = (letter: string, epoch = 0) => {
  const index = letters.indexOf(letter);
  return new Sample({ ...itemOf(index), id: letter, index, epoch, progress: 0, origin });
};
const values = Object.fromEntries([...letters].map((letter) => [letter, sampleOf(letter)]));

/** Time compared by the ids of samples. */
function marbles(run: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0]) => void): void {
  const plain = (frames: unknown) =>
    JSON.parse(
      JSON.stringify(frames, (key, value) =>
        value instanceof Sample ? value.id : key === 'value' && value === undefined ? null : value,
      ),
    );
  new TestScheduler((actual, expected) => expect(plain(actual)).toEqual(plain(expected))).run(run);
}

const oneToOne: [name: string, op: MonoTypeOperatorFunction<Sample>][] = [
  ['horizontalFlip', horizontalFlip()],
  ['padCrop', padCrop(2)],
  ['cutout', cutout(2)],
  ['normalize', normalize()],
  ['randomApply', randomApply(0.5, horizontalFlip())],
  ['oneOf', oneOf(horizontalFlip(), cutout(2))],
  ['weightedOneOf', weightedOneOf([2, horizontalFlip()], [1, cutout(2)])],
  ['epochs', epochs(3)],
  ['prefetch', prefetch(2)],
  ['tapProgress', tapProgress(() => undefined)],
  ['through', through((subscriber) => ({ next: (item) => subscriber.next(item) }))],
];

describe.each(oneToOne)('%s', (_, op) => {
  it('emits one value for each value, synchronously', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b--(cd)-e--|', values);
      expectObservable(source.pipe(op)).toBe('-a-b--(cd)-e--|', values);
      expectSubscriptions(source.subscriptions).toBe('^-------------!');
    }));

  it('passes errors on', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-#', values);
      expectObservable(source.pipe(op)).toBe('-a-b-#', values);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    }));

  it('unsubscribes from its source', () =>
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-', values);
      expectObservable(source.pipe(op), '^---!').toBe('-a-b-', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }));

  it('completes an empty source at once, without a value', () =>
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<Sample>('--|').pipe(op)).toBe('--|');
      expectObservable(cold<Sample>('-').pipe(op)).toBe('-');
    }));
});

describe('shuffle', () => {
  it('shuffle fills its buffer, then emits one for one, then the rest', () =>
    marbles(({ cold, expectObservable }) => {
      const source = cold('a-b-c-d-e-|', values);
      expectObservable(source.pipe(shuffle(3))).toBe('----x-y-z-(vw|)', order(['a', 'b', 'c', 'd', 'e'], 3));
    }));

  it('passes errors on and unsubscribes', () =>
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('a-b-#', values).pipe(shuffle(9))).toBe('----#');
      const source = hot('a-b-c-d-e', values);
      expectObservable(source.pipe(shuffle(9)), '^---!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }));

  it('keeps epochs apart', () =>
    marbles(({ cold, expectObservable }) => {
      const two = { a: sampleOf('a', 0), b: sampleOf('b', 0), c: sampleOf('c', 1), d: sampleOf('d', 1) };
      const first = order(['a', 'b'], 9);
      const second = order(['c', 'd'], 9, 1);
      const expected = { v: first.v, w: first.w, x: second.v, y: second.w };
      expectObservable(cold('a-b-c-d-|', two).pipe(shuffle(9))).toBe('----(vw)(xy|)', expected);
    }));
});

/** What a buffer of this size gives, by the names of the marbles: x y z as they come, v w at the end. */
function order(ids: string[], buffer: number, epoch = 0): Record<string, Sample> {
  const got: Sample[] = [];
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(({ cold }) => {
    const source = cold(`(${ids.join('')}|)`, Object.fromEntries(ids.map((id) => [id, sampleOf(id, epoch)])));
    source.pipe(shuffle(buffer)).subscribe((sample) => got.push(sample));
  });
  expect(got.map(({ id }) => id).sort()).toEqual(ids);
  const names = ids.length > buffer ? ['x', 'y', 'z', 'v', 'w'] : ['v', 'w'];
  return Object.fromEntries(names.map((name, i) => [name, got[i] as Sample]));
}

describe('horizontalFlip and its neighbors', () => {
  it('append their draws under the sample and their place', () =>
    marbles(({ cold, flush }) => {
      const seen: Sample[] = [];
      cold('ab|', values)
        .pipe(horizontalFlip({ p: 1 }), padCrop(2), horizontalFlip({ p: 0 }), cutout(2))
        .subscribe((sample) => seen.push(sample));
      flush();
      expect(seen.map(({ recipe }) => recipe.map(({ op }) => op))).toEqual([
        ['horizontalFlip', 'padCrop', 'cutout'],
        ['horizontalFlip', 'padCrop', 'cutout'],
      ]);
      // No draw is a draw too: the place moves on.
      expect(seen.map(({ position }) => position)).toEqual([4, 4]);
    }));

  it('leave the samples before them as they were', () => {
    const before = values.a as Sample;
    expect(before.recipe).toEqual([]);
    expect(before.position).toBe(0);
  });
});
