/** Duplicates by name: in one data set, across its splits, between two. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rawFormat } from '../../src/io/write/raw.js';
import { splitOf } from '../../src/prepare/dedupe.js';
import { type DedupeSource, dedupe, openSource, scanImages } from '../../src/prepare/index.js';
import { scratchFolder } from '../io/make.js';
import { birds, place, SCHEMA } from '../io/write/samples.js';
import { COPIES, original, photo } from './photos.js';

const root = scratchFolder();
const put = (name: string, bytes: Buffer | string) => {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), bytes);
};
async function source(path: string): Promise<DedupeSource> {
  const data = await openSource(join(root, path), { labels: false });
  const scanned = await scanImages(data);
  return { name: path, scanned, id: (row) => data.item(scanned.item[row]!).id };
}

beforeAll(async () => {
  for (const n of [0, 1, 2, 3]) put(`a/train/${n}.jpg`, await original(photo(n)));
  put('a/test/mirrored 0.jpg', await COPIES.mirrored!(photo(0), 0));
  put('a/train/same as 1.jpg', await original(photo(1)));
  put('a/train/broken.jpg', 'no image');
  put('b/cropped 2.jpg', await COPIES.cropped!(photo(2), 2));
  put('b/of its own.jpg', await original(photo(9)));
});

describe('dedupe', () => {
  it('lists groups, those across splits first, and what cannot be read', async () => {
    const one = await source('a');
    expect(one.scanned.unreadable.map(({ id }) => id)).toEqual(['train/broken.jpg']);
    const { groups } = await dedupe([one]);
    expect(groups.map(({ images, ...rest }) => [images.map(({ id }) => id), rest])).toEqual([
      [['test/mirrored 0.jpg', 'train/0.jpg'], { same: false, leak: ['test', 'train'] }],
      [['train/1.jpg', 'train/same as 1.jpg'], { same: true }],
    ]);
  });

  it('reads pixels of raw caches as well', async () => {
    const dir = join(root, 'raw');
    mkdirSync(dir);
    const writer = rawFormat.shard(place(dir), SCHEMA);
    for (const sample of await birds()) await writer.add({ ...sample, label: 1 });
    const [file] = await writer.finish();
    const { scanned } = await source(`raw/${file?.path}`);
    expect([scanned.length, scanned.unreadable]).toEqual([3, []]);
  });

  it('of two data sets it lists what both have', async () => {
    const { groups } = await dedupe([await source('a'), await source('b')]);
    expect(groups).toMatchObject([
      {
        images: [
          { source: 0, id: 'train/2.jpg', split: 'train' },
          { source: 1, id: 'cropped 2.jpg' },
        ],
        same: false,
      },
    ]);
    expect(groups[0]?.leak).toBeUndefined();
  });

  it('knows splits by the names of folders and shards', () => {
    const ids = [
      'train/cat/7.jpg',
      'x/Validation/1.png',
      'test-00012.tar/a.jpg',
      'dev_3.tar/a.jpg',
      'trains/a.jpg',
      'test.jpg',
    ];
    expect(ids.map(splitOf)).toEqual(['train', 'val', 'test', 'val', undefined, undefined]);
  });
});
