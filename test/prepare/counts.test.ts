/** Every image of the source is counted once: written, left out for a reason, or waiting; and `verify` checks that. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { sizeFilter } from '../../src/prepare/filters.js';
import { unbalanced } from '../../src/prepare/finish/check-manifest.js';
import type { Manifest } from '../../src/prepare/finish/manifest.js';
import { verify } from '../../src/prepare/verify.js';
import { dataset, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-counts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const faultsOf = async (out: string) =>
  (await verify(out, () => undefined, new AbortController().signal)).faults;

const left = ({ refused }: Manifest) => Object.values(refused).reduce((sum, n) => sum + n, 0);

it('adds up over filters, near-duplicates, thinned classes, unreadable images and additions', async () => {
  const dir = join(root, 'all');
  const out = join(root, 'all-out');
  const images: Record<string, number> = {};
  for (let i = 0; i < 12; i++) {
    images[`${i}.png`] = i % 2;
    await write(join(dir, `${i}.png`), i);
  }
  await write(join(dir, 'twin.png'), 3);
  await write(join(dir, 'small.png'), 50, 16);
  writeFileSync(join(dir, 'text.png'), 'no image');
  Object.assign(images, { 'twin.png': 1, 'small.png': 0, 'text.png': 0, 'missing.png': 0 });
  const definition = {
    filters: [sizeFilter({ min: 32 })],
    nearDuplicates: 'drop' as const,
    balance: { factors: { a: 0.5 } },
    split: { train: 0.999_999, val: 0.000_001 },
  };
  const first = await prepareHere({ source: dataset(dir, images, ['a', 'b']), ...definition }, out);
  const { counts, refused, source, splits } = first.manifest;
  expect(refused).toEqual({ 'near-duplicate': 1, size: 1, balance: 3, unreadable: 2 });
  expect([source.images, counts.images, counts.lost]).toEqual([16, 9, 0]);
  expect(splits.train).toMatchObject({ images: 9, samples: 9 });
  expect(await faultsOf(out)).toEqual([]);
  const report = readFileSync(join(out, 'report.html'), 'utf8');
  expect(report).toMatch(
    /images of the source<\/td><td class="n">16<[\s\S]*in the data set<\/td><td class="n">9</,
  );
  expect(report).toMatch(/left out: balance<\/td><td class="n">3</);

  // One of the written images and one of those left out are gone; one that was missing is there, and one is new.
  const { '5.png': _, 'small.png': __, ...rest } = images;
  await write(join(dir, 'missing.png'), 60);
  await write(join(dir, 'new.png'), 61);
  const now = dataset(dir, { ...rest, 'new.png': 1 }, ['a', 'b']);
  const retried = await prepareHere({ source: now, ...definition }, out, { retryRefused: true });
  expect(retried.manifest.source).toMatchObject({ images: 15, gone: 1, waiting: 1 });
  expect(15 + 1).toBe(retried.manifest.counts.images + left(retried.manifest) + 1);
  expect(await faultsOf(out)).toEqual([]);
  const added = await prepareHere({ source: now, ...definition }, out, { append: true });
  expect(added.manifest.source).toMatchObject({ images: 15, gone: 1, waiting: 0 });
  expect(15 + 1).toBe(added.manifest.counts.images + left(added.manifest));
  expect(await faultsOf(out)).toEqual([]);
}, 60_000);

it('counts an image as written while one of its samples is, and the samples that are lost', async () => {
  const dir = join(root, 'lost');
  const out = join(root, 'lost-out');
  const images = { '0.png': 0, '1.png': 0, '2.png': 0, '3.png': 0 };
  for (const [i, name] of Object.keys(images).entries()) await write(join(dir, name), 100 + i);
  // Its header is whole: the scan, which looks at that alone, takes it.
  truncateSync(join(dir, '3.png'), 400);
  const definition = {
    source: dataset(dir, images, ['one']),
    nearDuplicates: 'ignore' as const,
    ...{ copies: 2, augment: [horizontalFlip()], shardSize: 3, shuffle: false },
  };
  await prepareHere(definition, out, { planOnly: true });
  const rows = [0, 1].flatMap((shard) =>
    readFileSync(join(out, `.rxaug/rows/train-00000${shard}.jsonl`), 'utf8')
      .trim()
      .split('\n'),
  );
  const keys = rows.map((row) => (JSON.parse(row) as { key: string }).key);
  const poison = (shard: number, of: readonly (string | undefined)[]) => {
    const file = join(out, `.rxaug/poison/train-00000${shard}.json`);
    writeFileSync(file, JSON.stringify(Object.fromEntries(of.map((key) => [key, 'it ends its process']))));
  };
  mkdirSync(join(out, '.rxaug/poison'));
  // Both samples of 0, and the second of 1, which is in another shard than the first.
  poison(0, [keys[0], keys[1]]);
  poison(1, [keys[3]]);
  const { manifest } = await prepareHere(definition, out, { resume: true });
  expect(manifest.counts).toMatchObject({ images: 2, samples: 3, lost: 5 });
  expect(manifest.refused).toEqual({ 'not rendered': 2 });
  expect(unbalanced(manifest)).toBeUndefined();
  expect(await faultsOf(out)).toEqual([]);

  // What could not be rendered and cannot be read now is counted once.
  writeFileSync(join(dir, '3.png'), 'no image at all');
  await write(join(dir, '4.png'), 110);
  const now = dataset(dir, { ...images, '4.png': 0 }, ['one']);
  const then = await prepareHere({ ...definition, source: now }, out, { append: true });
  expect(then.manifest.counts).toMatchObject({ images: 3, samples: 5, lost: 5 });
  expect(then.manifest.refused).toEqual({ 'not rendered': 2 });
  expect(await faultsOf(out)).toEqual([]);
}, 60_000);

it('is refused by verify where a count was edited', async () => {
  const dir = join(root, 'edited');
  const out = join(root, 'edited-out');
  await write(join(dir, '0.png'), 200);
  await prepareHere({ source: dataset(dir, { '0.png': 0 }, ['one']) }, out);
  const file = join(out, 'manifest.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('"images": 1', '"images": 2'));
  expect((await faultsOf(out))[0]?.reason).toMatch(
    /^its source, counts, splits are not what its plan and shards say; have it written again with --resume$/,
  );
  writeFileSync(file, text.replace('"std": [', '"std": [9,'));
  expect((await faultsOf(out))[0]?.reason).toContain('its statistics are not');
  writeFileSync(file, text);
  rmSync(join(out, '.rxaug/done/train-000000.json'));
  expect(await faultsOf(out)).toMatchObject([
    { file: '.rxaug/done/train-000000.json', reason: expect.stringContaining('it is missing') },
  ]);
});

it('refuses two images of one name, also where one of them cannot be read', async () => {
  const dir = join(root, 'twice');
  await write(join(dir, '0.png'), 300);
  const data = dataset(dir, { '0.png': 0, 'none.png': 0 }, ['one']);
  const source = { ...data, item: (i: number) => ({ ...data.item(i), id: '0.png' }) };
  await expect(prepareHere({ source }, join(root, 'twice-out'))).rejects.toThrow(
    'two images are called 0.png; give each a name of its own',
  );
});
