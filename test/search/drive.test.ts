/** What a search keeps of what its strategy concludes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Pool } from '../../src/core/children/pool.js';
import { driveSearch } from '../../src/search/drive.js';
import type { Concluded, Result, SearchTask, Task } from '../../src/search/tasks.js';

const dir = mkdtempSync(join(tmpdir(), 'rxaug-drive-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('stages of batches that the strategy does not search are in the result, also when it is read again', async () => {
  const concluded: Concluded = {
    policy: { subPolicies: [], batchStages: [{ stage: 'mixup', share: 0.5, strength: 0.5 }] },
    trace: [],
    moved: 0.5,
    withoutGradient: ['posterize'],
    atStart: ['mixup'],
  };
  const said: string[] = [];
  const asked: string[] = [];
  const pool: Pool<Task, Result> = {
    workers: 1,
    async run({ kind }) {
      asked.push(kind);
      return kind === 'propose' ? [] : { ...concluded, notes: ['it was slow'] };
    },
    dispose: async () => {},
  };
  const drive = () =>
    driveSearch({
      ...{ pool, nth: 1, together: false, of: { seed: 3, dir } as SearchTask },
      ...{ overdue: () => false, fence() {}, note: (sentence) => said.push(sentence), status() {} },
    });
  const first = await drive();
  expect(first).toMatchObject({ ...concluded, seed: 3 });
  expect(await drive()).toEqual(first);
  expect(asked).toEqual(['propose', 'conclude']);
  expect(said).toEqual(Array(2).fill('search 1: it was slow'));
});
