/** What a search shares with its workers: found again, and refused where somebody changed it. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type FarTask, SEARCH, SearchFolder, type SharedSearch } from '../../src/cluster/search-folder.js';
import { AwayError } from '../../src/core/files/away-error.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-search-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

const about: SharedSearch = {
  versions: { rxaug: '1' },
  ...{ identity: { space: { ops: [] }, seed: 0 }, pipeline: '/p.ts', set: ['a=b'], cwd: '/', seed: 0 },
  ...{ strategy: 'random', backend: 'auto' },
};
const trial = (out: string, pair: number): FarTask => ({
  kind: 'trial',
  ...{ arm: { name: 'plain' }, pair, dir: join(out, 'trials', `plain-${pair}`) },
});
const fence = () => {};

it('a training keeps its number and its result over runs of the search, wherever the folder is mounted', async () => {
  const out = join(root, 'kept');
  const first = SearchFolder.begin(out, about);
  expect([first.add(trial(out, 0), 'x', fence), first.add(trial(out, 1), 'y', fence)]).toEqual([0, 1]);
  expect(first.result(1)).toBeUndefined();
  // What cannot be in JSON arrives all the same, and the first result counts.
  await first.finish(1, { accuracy: Number.NaN, loss: 1, trainAccuracy: 0, seconds: 1, diverged: 'NaN' });
  const checkpoints = (pair: number) => join(out, 'trials', `plain-${pair}`);
  for (const pair of [0, 1]) mkdirSync(checkpoints(pair), { recursive: true });
  await first.finish(1, { accuracy: 0.5, loss: 1, trainAccuracy: 0, seconds: 1 });
  expect([existsSync(checkpoints(0)), existsSync(checkpoints(1))]).toEqual([true, false]);

  const other = join(root, 'mounted');
  cpSync(out, other, { recursive: true });
  const there = SearchFolder.open(other);
  expect(there.digest).toBe(first.digest);
  expect(there.task(0)).toEqual(trial(other, 0));
  expect([there.nameOf(0), there.nameOf(1)]).toEqual(['x', 'y']);
  expect(there.result(1)).toMatchObject({ accuracy: Number.NaN, diverged: 'NaN' });

  const again = SearchFolder.begin(out, about);
  expect(again.digest).toBe(first.digest);
  expect(again.add(trial(out, 1), 'z', fence)).toBe(1);
  expect(again.add({ kind: 'measure' }, 'm', fence)).toBe(2);
  // What is measured depends on the moment.
  expect(again.add({ kind: 'measure' }, 'm', fence)).toBe(3);
  // Another search has trainings of its own.
  const changed = SearchFolder.begin(out, { ...about, versions: { rxaug: '2' } });
  expect(changed.digest).not.toBe(first.digest);
  expect(changed.result(1)).toBeUndefined();
});

it('refuses what is not there, is of another training, or leaves the folder', async () => {
  const out = join(root, 'odd');
  const folder = SearchFolder.begin(out, about);
  folder.add(trial(out, 0), 'x', fence);
  folder.add(trial(root, 1), 'outside', fence);
  expect(() => folder.task(1)).toThrow(
    /1\.task\.json: expected a folder in that of the search but received '\.\./,
  );
  expect(() => folder.task(7)).toThrow('queue: there is no training 7 in');
  const file = (name: string) => join(out, 'queue', folder.digest.slice(0, 16), name);
  writeFileSync(file('5.task.json'), readFileSync(file('0.task.json')));
  expect(() => folder.task(5)).toThrow(/5\.task\.json: is of another search or training/);
  writeFileSync(file('0.task.json'), readFileSync(file('0.task.json'), 'utf8').replace('plain', 'found'));
  expect(() => folder.task(0)).toThrow(
    /0\.task\.json: was not written by rxaug search, or changed afterwards/,
  );
  writeFileSync(file('0.result.json'), '{"accuracy":');
  expect(() => folder.result(0)).toThrow(/0\.result\.json: is not JSON \(.*\); remove it, then continue/);
  // Nobody knows what is in a file that cannot be read now: it is waited for.
  mkdirSync(file('5.result.json'));
  expect(() => folder.result(5)).toThrow(
    expect.objectContaining({
      constructor: AwayError,
      message: expect.stringMatching(/5\.result\.json: cannot be read \(.*\); bring its folder back, then/),
    }),
  );
  rmSync(join(out, SEARCH));
  expect(() => SearchFolder.open(out)).toThrow(/search\.json: cannot be read/);
});
