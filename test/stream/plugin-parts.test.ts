/** Sources and sinks of plugins: they stand in a stream like those of the house, and are named where they fail. */
import { from, map, type Observable, type OperatorFunction, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { definePlugin, horizontalFlip, type PluginSpec } from '../../src/augment/index.js';
import { type Batch, type Sample, UsageError } from '../../src/core/index.js';
import { batch, pull, samples } from '../../src/stream/index.js';
import { watchedParts } from '../../src/stream/plugin-parts.js';
import { all, dataset } from './make.js';

const source = (n = 4) => samples(dataset(n));

const parts = (spec: Omit<PluginSpec, 'name'>) => watchedParts(definePlugin({ name: 'lens', ...spec }));
const sourceOf = (make: (...given: never[]) => unknown) =>
  parts({ sources: { dots: make as never } }).sources.dots as (...given: unknown[]) => Observable<Sample>;
const sinkOf = (make: (...given: never[]) => unknown) =>
  parts({ sinks: { list: make as never } }).sinks.list as (
    ...given: unknown[]
  ) => OperatorFunction<Batch, Batch>;

describe('a source of a plugin', () => {
  it('is a stream of samples that gives no more than is asked for', async () => {
    let given = 0;
    const dots = sourceOf((count: number) => source(count).pipe(tap(() => given++)));
    const stream = pull(dots(1000).pipe(horizontalFlip()));
    expect(((await stream.next()).value as Sample).recipe.length).toBeLessThanOrEqual(1);
    await stream.next();
    expect(given).toBeLessThan(5);
    stream.cancel();
    expect(await all(dots(7))).toHaveLength(7);
  });

  const fail = (error: Error) => () => {
    throw error;
  };
  it.each<[string, () => unknown, string]>([
    ['throws', fail(new Error('a slip')), 'a slip'],
    ['gives no stream', () => 3, 'expected a stream of samples but received 3; return samples(…)'],
    ['is asynchronous', async () => source(), "but received 'a promise'; return samples(…)"],
    ['gives no samples', () => from([{ image: 1 }]), 'stream: expected samples but received {"image":1}'],
    [
      'fails later',
      () =>
        source().pipe(
          map((sample) => {
            if (sample.index === 2) throw new Error('a slip');
            return sample;
          }),
        ),
      'a slip; at sample s1',
    ],
  ])('%s: one sentence that names it', async (_, make, said) => {
    const run = async () => all(sourceOf(make)());
    await expect(run()).rejects.toThrow("plugin 'lens', source 'dots': ");
    await expect(run()).rejects.toThrow(said);
  });

  it('keeps a fault of the caller one', () => {
    expect(() => sourceOf(fail(new UsageError('dots: expected more')))()).toThrow(UsageError);
  });
});

describe('a sink of a plugin', () => {
  const batches = () => source(12).pipe(batch(4, { workers: 0 }));

  it('sees what passes', async () => {
    const seen: number[] = [];
    const list = sinkOf(() => tap<Batch>(({ size }) => seen.push(size)));
    expect(await all(batches().pipe(list()))).toHaveLength(3);
    expect(seen).toEqual([4, 4, 4]);
  });

  it.each<[string, (...given: never[]) => unknown, string]>([
    ['gives no operator', () => 3, 'expected an operator but received 3; return tap(…) or its like'],
    ['gives what makes no stream', () => () => 3, 'expected an operator'],
    [
      'fails at an item',
      () =>
        tap<Batch>(({ index }) => {
          if (index === 1) throw new Error('disk full');
        }),
      'disk full; at batch 1 of epoch 0, from sample s4 on',
    ],
  ])('%s: one sentence that names it', async (_, make, said) => {
    const run = async () => all(batches().pipe(sinkOf(make)()));
    await expect(run()).rejects.toThrow("plugin 'lens', sink 'list': ");
    await expect(run()).rejects.toThrow(said);
  });

  it('is not blamed for what fails before it', async () => {
    const failing = source().pipe(
      map(() => {
        throw new Error('no such file');
      }),
    );
    const list = sinkOf(() => tap());
    await expect(all((failing as Observable<Batch>).pipe(list()))).rejects.toThrow(/^no such file$/);
  });
});
