/** What is added to a finished data set agrees with what is there, and what was decided stays decided. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { OpenedDataset } from '../../src/io/index.js';
import { dataset, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-additions-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const refusedOf = (out: string) =>
  readFileSync(join(out, 'refused.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string; by: string });

async function several(dir: string, names: readonly string[], first: number): Promise<void> {
  for (const [i, name] of names.entries()) await write(join(dir, name), first + i);
}

it('refuses additions by which class numbers mean something else', async () => {
  const dir = join(root, 'classes');
  const out = join(root, 'classes-out');
  await several(dir, ['cat/1.png', 'dog/1.png', 'bird/1.png'], 10);
  const before = { 'cat/1.png': 0, 'dog/1.png': 1 };
  await prepareHere({ source: dataset(dir, before, ['cat', 'dog']) }, out);
  const now = { 'bird/1.png': 0, 'cat/1.png': 1, 'dog/1.png': 2 };
  const source = dataset(dir, now, ['bird', 'cat', 'dog']);
  await expect(prepareHere({ source }, out, { append: true })).rejects.toThrow(
    'the classes of the source: ["cat","dog"] before, ["bird","cat","dog"] now',
  );
});

it('refuses to go on with a plan whose class numbers mean something else', async () => {
  const dir = join(root, 'renamed');
  const out = join(root, 'renamed-out');
  await several(dir, ['1.png', '2.png'], 20);
  const images = { '1.png': 0, '2.png': 1 };
  await prepareHere({ source: dataset(dir, images, ['cat', 'dog']) }, out, { planOnly: true });
  const other = dataset(dir, images, ['dog', 'cat']);
  await expect(prepareHere({ source: other }, out, { resume: true })).rejects.toThrow(
    'the classes of the source',
  );
});

it('tries again what was refused for a passing reason, however often that failed before', async () => {
  const dir = join(root, 'retried');
  const out = join(root, 'retried-out');
  await several(dir, ['1.png', '2.png'], 30);
  const source = dataset(dir, { '1.png': 0, '2.png': 0, '3.png': 0 }, ['one']);
  await prepareHere({ source }, out);
  expect(refusedOf(out)).toMatchObject([{ id: '3.png', by: 'unreadable' }]);
  const still = await prepareHere({ source }, out, { retryRefused: true });
  expect(still.notices).toContain('there is nothing new');
  await write(join(dir, '3.png'), 32);
  const { manifest } = await prepareHere({ source }, out, { retryRefused: true });
  expect(manifest.counts).toMatchObject({ images: 3, samples: 3 });
  expect(refusedOf(out)).toEqual([]);
});

it('refuses additions where an image has another label than the one that is written', async () => {
  const dir = join(root, 'labels');
  const out = join(root, 'labels-out');
  await several(dir, ['1.png', '2.png', '3.png'], 35);
  await prepareHere({ source: dataset(dir, { '1.png': 0, '2.png': 1 }, ['cat', 'dog']) }, out);
  const now = dataset(dir, { '1.png': 1, '2.png': 1, '3.png': 0 }, ['cat', 'dog']);
  await expect(prepareHere({ source: now }, out, { append: true })).rejects.toThrow(
    'their labels, boxes, keypoints or masks have, such as 1.png',
  );
});

it('adds none of what balance has thinned out, and goes on listing it', async () => {
  const dir = join(root, 'thinned');
  const out = join(root, 'thinned-out');
  const names = Array.from({ length: 10 }, (_, i) => `${i}.png`);
  await several(dir, names, 40);
  const images = Object.fromEntries(names.map((name) => [name, 0]));
  const balance = { factors: { one: 0.5 } };
  const first = await prepareHere({ source: dataset(dir, images, ['one']), balance }, out);
  expect(first.manifest.counts.samples).toBe(5);
  const same = await prepareHere({ source: dataset(dir, images, ['one']), balance }, out, { append: true });
  expect(same.notices).toContain('there is nothing new');
  expect(same.manifest.counts.samples).toBe(5);
  await several(dir, ['new-1.png', 'new-2.png'], 60);
  const more = { ...images, 'new-1.png': 0, 'new-2.png': 0 };
  const then = await prepareHere({ source: dataset(dir, more, ['one']), balance }, out, { append: true });
  expect(then.manifest.counts.samples).toBe(6);
  expect(then.manifest.refused).toEqual({ balance: 6 });
  expect(new Set(refusedOf(out).map(({ id }) => id)).size).toBe(6);
});

it('drops what is tried again for nothing that is not written', async () => {
  const dir = join(root, 'larger');
  const out = join(root, 'larger-out');
  await several(dir, ['1.png', '2.png'], 70);
  const fields = { nearDuplicates: 'drop' } as const;
  const images = { '1.png': 0, '2.png': 0, 'small.png': 0 };
  await prepareHere({ source: dataset(dir, images, ['one']), ...fields }, out);
  await write(join(dir, 'small.png'), 75, 48);
  await write(join(dir, 'large.png'), 75, 96);
  const more = dataset(dir, { ...images, 'large.png': 0 }, ['one']);
  const { manifest, notices } = await prepareHere({ source: more, ...fields }, out, { retryRefused: true });
  expect(manifest.counts.samples).toBe(3);
  expect(refusedOf(out)).toEqual([]);
  expect(notices.join()).toContain('1 images are new');
});

it('drops nothing for an image that could not be rendered, and lists that one once', async () => {
  const dir = join(root, 'unrendered');
  const out = join(root, 'unrendered-out');
  await several(dir, ['other.png', 'colors.png'], 77);
  await write(join(dir, 'large.png'), 79, 96);
  await write(join(dir, 'small.png'), 79, 48);
  const masked = (images: Readonly<Record<string, number>>): OpenedDataset => {
    const plain = dataset(dir, images, ['one']);
    const mask = { kind: 'file', path: join(dir, 'colors.png') } as const; // no mask: it has colors
    const item = (i: number) => ({
      ...plain.item(i),
      ...(plain.item(i).id === 'large.png' && { targets: { mask } }),
    });
    return { ...plain, item };
  };
  const fields = { nearDuplicates: 'drop' } as const;
  const before = { 'large.png': 0, 'other.png': 0 };
  const first = await prepareHere({ source: masked(before), ...fields }, out);
  expect(first.manifest.refused).toEqual({ 'not rendered': 1 });
  const same = await prepareHere({ source: masked(before), ...fields }, out, { append: true });
  expect(same.notices).toContain('there is nothing new');
  const more = masked({ ...before, 'small.png': 0 });
  const { manifest } = await prepareHere({ source: more, ...fields }, out, { append: true });
  expect(manifest.counts.samples).toBe(2);
  expect(manifest.refused).toEqual({ 'not rendered': 1 });
  expect(refusedOf(out).map(({ id }) => id)).toEqual(['large.png']);
});

it('numbers no group of an addition as an earlier one', async () => {
  const dir = join(root, 'groups');
  const out = join(root, 'groups-out');
  for (const name of ['b1.png', 'b2.png']) await write(join(dir, name), 91);
  await prepareHere({ source: dataset(dir, { 'b1.png': 0, 'b2.png': 0 }, ['one']) }, out);
  for (const name of ['a1.png', 'a2.png']) await write(join(dir, name), 92);
  const more = { 'a1.png': 0, 'a2.png': 0, 'b1.png': 0, 'b2.png': 0 };
  await prepareHere({ source: dataset(dir, more, ['one']) }, out, { append: true });
  const rows = join(out, '.rxaug/rows');
  const groups = readdirSync(rows)
    .flatMap((file) => readFileSync(join(rows, file), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as { id: string; group: number })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ group }) => group);
  expect(groups).toEqual([2 ** 32, 2 ** 32, 0, 0]);
});

it('keeps the lists of the plan that is there, and says what it cannot compare with any more', async () => {
  const dir = join(root, 'gone');
  const out = join(root, 'gone-out');
  await several(dir, ['1.png', '2.png', '3.png'], 80);
  await prepareHere({ source: dataset(dir, { '1.png': 0, '2.png': 0, 'no.png': 0 }, ['one']) }, out);
  const lists = ['refused', 'groups'].map((name) => join(out, `.rxaug/${name}.jsonl`));
  const before = lists.map((file) => readFileSync(file, 'utf8'));
  rmSync(join(dir, '2.png'));
  const source = dataset(dir, { '2.png': 0, '3.png': 0 }, ['one']);
  const { notices, manifest } = await prepareHere({ source }, out, { append: true });
  expect(lists.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
  expect(existsSync(join(out, '.rxaug/refused-1.jsonl'))).toBe(true);
  expect(notices.join()).toContain('2 images that are written already are not in the source now');
  // What cannot be read any more is in its shard all the same.
  expect(manifest.counts.samples).toBe(3);
  expect(refusedOf(out)).toEqual([]);
});
