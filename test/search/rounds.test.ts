/** Trainings side by side: as many as the pool has workers, also where workers come while others train. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Pool } from '../../src/core/children/pool.js';
import { trainArms } from '../../src/search/rounds.js';
import type { Result, Task } from '../../src/search/tasks.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-rounds-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Trains nothing; `at` is called in the middle of each training with how many there are by then. */
function counting(at: (started: number) => void) {
  let [started, running] = [0, 0];
  const most: number[] = [];
  const pool: Pool<Task, Result> & { workers: number } = {
    workers: 1,
    async run(_, { progress }) {
      most.push(++running);
      at(++started);
      progress?.('', 0.5);
      await new Promise((done) => setImmediate(done));
      running--;
      return { accuracy: 0.5, loss: 1, trainAccuracy: 0.5, seconds: 1 };
    },
    dispose: async () => {},
  };
  return { pool, most };
}

const options = (pool: Pool<Task, Result>, dir: string) => ({
  ...{ pool, dir: join(root, dir), planned: 2, most: 2, roundSeconds: 1 },
  arms: () => ['a', 'b', 'c', 'd'].map((name) => ({ name })),
  left: () => ({ planned: 100, more: 100 }),
  ...{ fence() {}, note() {}, status() {} },
});

it('workers that come while others train get trainings at once', async () => {
  const { pool, most } = counting((started) => {
    if (started === 2) pool.workers = 3;
  });
  const arms = await trainArms(options(pool, 'more'));
  expect(arms?.map(({ runs }) => runs.length)).toEqual([2, 2, 2, 2]);
  expect(most.length).toBe(8);
  expect(most.slice(0, 2)).toEqual([1, 1]);
  expect(Math.max(...most)).toBe(3);
});

it('a training that fails ends all, also one of a worker that came later', async () => {
  const { pool } = counting((started) => {
    pool.workers = 4;
    if (started === 4) throw new Error('broken');
  });
  await expect(trainArms(options(pool, 'fails'))).rejects.toThrow('broken');
});

it('a policy that two searches found is trained once a pair, and counts for both', async () => {
  const { pool, most } = counting(() => {});
  const policy = (p: number) => ({
    subPolicies: [{ weight: 1, stages: [[{ op: 'flip', weight: 1, p }]] }],
  });
  const notes: string[] = [];
  const arms = await trainArms({
    ...options(pool, 'twins'),
    arms: () => [
      ...[0.5, 0.7, 0.5].map((p, search) => ({ name: 'found', policy: policy(p), search })),
      { name: 'uniform', policy: policy(0.5) },
    ],
    note: (sentence) => notes.push(sentence),
  });
  expect(most.length).toBe(6);
  const [found, uniform] = arms ?? [];
  expect(found?.runs.map(({ pair, search, sharedWith }) => [pair, search, sharedWith])).toEqual([
    [0, 0, undefined],
    [0, 1, undefined],
    [0, 2, 0],
    [1, 0, undefined],
    [1, 1, undefined],
    [1, 2, 0],
  ]);
  expect(uniform?.runs).toHaveLength(2);
  expect(notes).toEqual([
    'searches 1 and 3 found the same policy: a pair has one training of it, which counts for both',
  ]);
});
