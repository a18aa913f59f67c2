/** The memory of a process decides which samples are left out, so it is part of the plan. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localPool } from '../../src/core/children/pool.js';
import { preparePart } from '../../src/prepare/part.js';
import type { PrepareOptions } from '../../src/prepare/prepare.js';
import { type MakePool, MEMORY } from '../../src/prepare/processes.js';
import { prepareWork } from '../../src/prepare/work.js';
import { dataset, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-memory-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const images = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.png`, 0]));
beforeAll(async () => {
  for (const [i, name] of Object.keys(images).entries()) await write(join(root, 'images', name), i);
});

/** The memory that the processes of a preparation were given. */
async function given(out: string, options: Partial<PrepareOptions>): Promise<readonly number[]> {
  const caps: number[] = [];
  await prepareHere(
    { source: dataset(join(root, 'images'), images, ['one']), shardSize: 3 },
    join(root, out),
    {
      ...options,
      pool: counted(caps),
    },
  );
  return caps;
}

const counted =
  (caps: number[]): MakePool =>
  (init, memory) => {
    caps.push(memory);
    return localPool(prepareWork(init), new AbortController().signal);
  };

const digestIn = (out: string) =>
  (JSON.parse(readFileSync(join(root, out, '.rxaug/plan.json'), 'utf8')) as { digest: string }).digest;

it('goes on with the memory of the plan, and refuses another by its name', async () => {
  expect(await given('a', { memory: 300, planOnly: true })).toEqual([300]);
  await expect(given('a', { memory: 400, resume: true })).rejects.toThrow(
    /was planned otherwise \(--memory: 300 before, 400 now\); give what it was planned with/,
  );
  const caps: number[] = [];
  const events = { status: () => undefined, notice: () => undefined };
  const { signal } = new AbortController();
  const pool = counted(caps);
  expect(
    await preparePart({ out: join(root, 'a'), share: 1, shares: 2, signal, pool, isolated: pool, ...events }),
  ).toBe(1);
  expect(caps).toEqual([300]);
  expect(await given('a', { resume: true })).toEqual([300]);
  expect(await given('a', { append: true })).toEqual([300]);
  await expect(given('a', { append: true, memory: MEMORY })).rejects.toThrow('--memory: 300 before');
});

it('is another plan with another memory', async () => {
  expect(await given('b', { planOnly: true })).toEqual([MEMORY]);
  await given('c', { memory: MEMORY, planOnly: true });
  await given('d', { memory: 300, planOnly: true });
  expect(digestIn('c')).toBe(digestIn('b'));
  expect(digestIn('d')).not.toBe(digestIn('b'));
});

it('scans anew where an unfinished scan had other memory, and says so', async () => {
  const notices: string[] = [];
  const work = join(root, 'work');
  await given('e', { work, memory: 300, planOnly: true });
  await given('f', { work, memory: 500, planOnly: true, notice: (sentence) => void notices.push(sentence) });
  expect(notices).toContain(
    'the source is not what was being scanned (its processes had 300 MB of memory and have 500 MB); it is scanned anew',
  );
});
