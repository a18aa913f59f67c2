/** Every option that a sentence of a stream tells to change: changed as told, the trouble is gone. */
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../src/augment/index.js';
import type { Sample } from '../../src/core/index.js';
import { type BatchOptions, batch, samples, shuffle } from '../../src/stream/index.js';
import { all, broken, dataset, failure, itemOf, itemStream } from './make.js';

const here = (name: string) => new URL(`../faults/plugins/${name}`, import.meta.url).href;

describe('row 18: advice that names an option of a stream', () => {
  it('raise maxBad', async () => {
    const data = dataset(200, (i) => (i % 40 === 3 ? broken(i) : itemOf(i)));
    const run = (options: BatchOptions) => all(samples(data).pipe(batch(20, { workers: 0, ...options })));
    expect(await failure(run({}))).toMatch(/more than the 1 % allowed; .* or raise maxBad\./);
    expect(await run({ maxBad: 0.05 })).toHaveLength(10);
  });

  it("use batch(size, { dtype: 'float32' })", async () => {
    const run = (dtype: 'uint8' | 'float32') =>
      all(samples(dataset(4)).pipe(normalize(), batch(4, { workers: 0, dtype })));
    expect(await failure(run('uint8'))).toMatch(/use batch\(size, \{ dtype: 'float32' \}\)$/);
    expect(await run('float32')).toHaveLength(1);
  });

  it('use workers: 0, where workers cannot start', async () => {
    const run = (workers: number) =>
      all(samples(dataset(4)).pipe(batch(4, { workers, modules: [here('no-start.mjs')] })));
    expect(await failure(run(1))).toMatch(/^workers cannot start .*; use workers: 0, or run rxaug doctor$/);
    expect(await run(0)).toHaveLength(1);
  });

  it('raise hangSeconds, which is said of what is slow and not of what ends its thread', async () => {
    const run = (op: string, hangSeconds: number, params = {}) =>
      all(
        samples(dataset(2)).pipe(
          map((s: Sample) => s.drawn(s.index === 1 ? [{ op, params }] : [])),
          batch(2, { workers: 1, maxBad: 1, hangSeconds, modules: [here('trouble.mjs')] }),
        ),
      );
    const reasons = async (made: ReturnType<typeof run>) =>
      (await made).flatMap(({ bad }) => bad.map(({ reason }) => reason));
    expect(await reasons(run('slow', 0.1, { ms: 2000 }))).toEqual([
      expect.stringMatching(/ended the worker 3 times \(no progress in 0\.1 s\); .*, or raise hangSeconds$/),
    ]);
    expect(await reasons(run('slow', 60, { ms: 2000 }))).toEqual([]);
    expect(await reasons(run('exit', 60))).toEqual([
      'its rendering ended the worker 3 times (it exited); remove the sample, or look at the plugin that renders it',
    ]);
  });

  it('lower perClass, and the shuffle operator in place of shuffle: true', async () => {
    const data = dataset(10, (i) => itemOf(i, {}, i < 8 ? 0 : i - 7));
    const run = (perClass: number) => all(samples(data, { perClass }));
    expect(await failure(run(2))).toMatch(/expected 2 samples of class 'bee' .* has 1; lower perClass$/);
    expect(await run(1)).toHaveLength(3);
    const stream = itemStream(6);
    expect(await failure(all(samples(stream, { shuffle: true })))).toMatch(/use the shuffle operator$/);
    expect(await all(samples(stream).pipe(shuffle(6)))).toHaveLength(6);
  });
});
