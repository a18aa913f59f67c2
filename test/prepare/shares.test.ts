/** Images that are not written take no share, and what balance could not do is told. */
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { localPool } from '../../src/core/children/pool.js';
import { encodeImage } from '../../src/io/encode.js';
import { dryRun } from '../../src/prepare/dry-run.js';
import { type PrepareInit, prepareWork } from '../../src/prepare/work.js';
import { dataset, pictureOf, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-shares-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('stratified shares hold for what is written, where near-duplicates are dropped', async () => {
  const images: Record<string, number> = {};
  for (let i = 0; i < 10; i++) {
    images[`${i}.png`] = 0;
    await write(join(root, `${i}.png`), 100 + i);
  }
  for (let i = 0; i < 9; i++) {
    images[`0-again-${i}.png`] = 0;
    copyFileSync(join(root, '0.png'), join(root, `0-again-${i}.png`));
  }
  const definition = {
    source: dataset(root, images, ['one']),
    ...{ split: { train: 0.5, val: 0.5 }, stratified: true, nearDuplicates: 'drop' as const },
  };
  const { manifest } = await prepareHere(definition, join(root, 'out'));
  expect(manifest.refused).toEqual({ 'near-duplicate': 9 });
  expect([manifest.splits.train?.samples, manifest.splits.val?.samples]).toEqual([5, 5]);
});

it('names classes that stay smaller than asked', async () => {
  for (let i = 0; i < 5; i++) await write(join(root, `b${i}.png`), 200 + i);
  const images = { 'b0.png': 0, 'b1.png': 1, 'b2.png': 1, 'b3.png': 1, 'b4.png': 1 };
  const definition = {
    source: dataset(root, images, ['few', 'many']),
    ...{ balance: { to: 'largest' as const, most: 2 }, augment: [horizontalFlip()] },
  };
  const { manifest, notices } = await prepareHere(definition, join(root, 'balanced'));
  expect(manifest.splits.train?.byClass).toEqual({ few: 2, many: 4 });
  expect(notices.join()).toContain("most allows no more copies: 'few'");
});

it('a dry run counts samples that cannot be rendered', async () => {
  await write(join(root, 'c0.png'), 300);
  writeFileSync(join(root, 'cut.jpg'), await encodeImage(pictureOf(301), 'jpeg'));
  truncateSync(join(root, 'cut.jpg'), 700);
  const { signal } = new AbortController();
  const pool = (init: PrepareInit) => localPool(prepareWork(init), signal);
  const source = dataset(root, { 'c0.png': 0, 'cut.jpg': 0 }, ['one']);
  const nothing = () => undefined;
  const estimate = await dryRun(
    { source, nearDuplicates: 'ignore' },
    { ...{ name: 'here', seed: 0, signal, pool }, status: nothing, notice: nothing },
  );
  expect(estimate.refused).toEqual({ 'not rendered': 1 });
});

it('a dry run says what the reader left out, and refuses a format that cannot hold the source', async () => {
  await write(join(root, 'd0.png'), 310);
  const { signal } = new AbortController();
  const pool = (init: PrepareInit) => localPool(prepareWork(init), signal);
  const problems = [{ where: 'd1.png', reason: 'it is a pipe; remove it' }];
  const source = { ...dataset(root, { 'd0.png': 0 }, ['one']), problems };
  const notices: string[] = [];
  const notice = (sentence: string) => void notices.push(sentence);
  const options = { ...{ name: 'here', seed: 0, signal, pool }, status: () => undefined, notice };
  await dryRun({ source }, options);
  expect(notices).toEqual(['d1.png: it is a pipe; remove it']);
  await expect(dryRun({ source, format: 'coco' }, options)).rejects.toThrow('prepare: format coco: ');
});
