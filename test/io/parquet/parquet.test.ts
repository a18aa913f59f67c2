/** Parquet files of other writers, row by row. */
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Item, MaskRef } from '../../../src/core/index.js';
import type { OpenedDataset } from '../../../src/io/index.js';
import { openParquet } from '../../../src/io/parquet/parquet.js';
import { bytesOf, scratchFolder } from '../make.js';

const golden = join(import.meta.dirname, '../../golden/parquet');
const expected = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8'));
const cache = scratchFolder();

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const items = (data: OpenedDataset): Item[] => Array.from({ length: data.length }, (_, i) => data.item(i));
const maskOf = (item: Item) => (item.targets?.masks?.mask as { image: MaskRef } | undefined)?.image;

describe('openParquet()', () => {
  it.each([
    'hf',
    'hf-list',
    'pages2',
    'deltas',
    'codec-none',
    'codec-snappy',
    'codec-gzip',
    'codec-brotli',
    'codec-zstd',
    'codec-lz4',
  ])('reads images, labels, masks, boxes and names of classes of %s.parquet', async (name) => {
    const data = await openParquet(join(golden, `${name}.parquet`), {
      masks: 'mask',
      boxes: { format: 'coco' },
      cache,
    });
    expect(data.classes).toEqual(expected.names);
    expect(data.boxClasses).toEqual(['wing', 'leg']);
    const all = items(data);
    expect(all.map(({ id }) => id)).toEqual(
      expected.labels.map((_: number, i: number) => `${name}.parquet/${i}`),
    );
    expect(all.map(({ label }) => label)).toEqual(expected.labels);
    expect(all.map(({ image }) => digest(bytesOf(image)))).toEqual(expected.images);
    expect(all.map((item) => digest(bytesOf(maskOf(item))))).toEqual(expected.masks);
    expect(all.map(({ targets }) => targets?.boxes?.items.map(({ box }) => box))).toEqual(expected.boxes);
    expect(all.map(({ targets }) => targets?.boxes?.items.map(({ label }) => label))).toEqual(
      expected.categories,
    );
    expect(all[0]?.targets?.boxes?.format).toBe('coco');
    expect(data.problems).toEqual([
      {
        where: `${name}.parquet`,
        reason:
          "2 of its columns and fields are not read: 'caption (text)', 'objects.id'; name in the options what should be",
        passed: 0,
      },
    ]);
    // From the cache the same.
    const again = await openParquet(join(golden, `${name}.parquet`), {
      masks: 'mask',
      boxes: { format: 'coco' },
      cache,
    });
    expect(items(again)).toEqual(all);
  });

  it('lists columns that are not read once for all files that have them', async () => {
    const paths = ['one.parquet', 'two.parquet'].map((name) => join(cache, name));
    for (const path of paths) copyFileSync(join(golden, 'hf.parquet'), path);
    const reasonsOf = async (patterns: string[]) =>
      (await openParquet(patterns, { cache })).problems.map(({ where, reason }) => `${where}: ${reason}`);
    const [alone] = await reasonsOf(paths.slice(0, 1));
    expect(alone).toMatch(/^one\.parquet: 3 of its columns and fields are not read: /);
    expect(await reasonsOf(paths)).toEqual([`${alone} (and so of 1 other files)`]);
  });

  it('leaves images that are stored as they are where they are', async () => {
    const path = join(golden, 'hf.parquet');
    const data = await openParquet(path, { label: false, cache });
    expect(items(data).every(({ image }) => image.kind === 'range' && image.path === path)).toBe(true);
    expect(data.classes).toEqual(['unlabeled']);
  });

  it('takes plain bytes and names as labels, stores equal images once, and names the rows that lack something', async () => {
    const path = join(golden, 'plain.parquet');
    const data = await openParquet(path, { image: 'img', label: 'class', cache });
    expect(data.classes).toEqual(['ant', 'cat']);
    expect(items(data).map(({ id, label }) => [id, label])).toEqual([
      ['plain.parquet/0', 1],
      ['plain.parquet/1', 0],
      ['plain.parquet/2', 1],
      ['plain.parquet/5', 0],
    ]);
    expect(items(data).map(({ image }) => digest(bytesOf(image)))).toEqual(
      [0, 1, 0, 2].map((i) => expected.images[i]),
    );
    expect(data.item(0).image).toEqual(data.item(2).image);
    expect(data.problems.map(({ where, reason }) => `${where}: ${reason}`)).toEqual([
      'plain.parquet/3: it holds no image; put its bytes into the file, or remove the row',
      'plain.parquet/4: it has no label; give it one, or remove the row',
    ]);
    const other = await openParquet(path, {
      image: 'img',
      label: 'class',
      classes: ['cat', 'dog', 'ant'],
      cache,
    });
    expect(items(other).map(({ label }) => label)).toEqual([0, 2, 0, 2]);
  });

  it('takes distributions, small integers and booleans as labels', async () => {
    const path = join(golden, 'soft.parquet');
    const soft = await openParquet(path, { cache });
    expect(items(soft).map(({ label }) => [...(label as Float32Array)])).toEqual([
      [0.25, 0.75],
      [1, 0],
      [0.5, 0.5],
    ]);
    for (const label of ['small', 'flag']) {
      const data = await openParquet(path, { label, cache });
      expect(items(data).map((item) => item.label)).toEqual([1, 0, 1]);
      expect(data.classes).toEqual(['0', '1']);
    }
  });

  it('reads several files as one', async () => {
    const data = await openParquet([join(golden, 'codec-*.parquet'), join(golden, 'hf.parquet')], { cache });
    expect(data.length).toBe(7 * expected.labels.length);
    expect(data.item(7).id).toBe('codec-gzip.parquet/0');
  });

  it.each([
    [
      { image: 'picture' },
      "codec-none.parquet: it has no column 'picture'; its columns are 'image (struct<bytes, path>)', 'label (int64)'",
    ],
    [{ label: 'caption', image: 'label' }, "its column 'label' is int64, which holds no images; give image"],
    [
      { image: 'caption' },
      "its column 'caption' is text, and paths in it are not followed; embed the images as bytes",
    ],
    [
      { label: 'image' },
      "its column 'image' is struct<bytes, path>, which holds no labels; give label, or label: false",
    ],
    [
      { boxes: { format: 'coco', box: 'box' } },
      "its column 'objects' should have a list of four numbers for each object in 'box'; it has 'bbox', 'category', 'id'; give the names of its fields",
    ],
    [
      { boxes: { format: 'coco', label: 'bbox' } },
      "its column 'objects' should have one value for each object in 'bbox'",
    ],
  ] as const)('%o is refused with what the file has', async (options, message) => {
    await expect(openParquet(join(golden, 'codec-none.parquet'), { ...options, cache })).rejects.toThrow(
      message,
    );
  });

  it('refuses options that it does not know, settings of targets that the data lack, and a list without a class', async () => {
    const path = join(golden, 'hf.parquet');
    await expect(openParquet(path, { images: 'image' } as never)).rejects.toThrow(
      "unknown option 'images'; did you mean 'image'?",
    );
    await expect(openParquet(path, { targets: { boxes: {} } })).rejects.toThrow(
      "'boxes' is a setting of targets that the data do not have",
    );
    await expect(openParquet(path, { classes: ['ant', 'bee'], cache })).rejects.toThrow(
      /^parquet: expected the classes of hf\.parquet to be among classes but 'cat' is not/,
    );
    await expect(openParquet(path, { cache: false })).rejects.toThrow(
      'must be unpacked to the cache, but cache is false',
    );
    await expect(openParquet(join(golden, 'none.parquet'))).rejects.toThrow('no file matches');
    await expect(openParquet(join(golden, 'README.md'), { cache })).rejects.toThrow(
      'README.md: it is no Parquet file that can be read: it does not begin with PAR1',
    );
  });
});

it('reads a file from a web server, under the name that it has there', async () => {
  const bytes = readFileSync(join(golden, 'codec-snappy.parquet'));
  const server = createServer((request, response) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const part = from ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
    response.writeHead(from ? 206 : 200, {
      etag: '"1"',
      'content-length': part.length,
      ...(from && { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }),
    });
    response.end(request.method === 'HEAD' ? undefined : part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/data/train.parquet`;
    const data = await openParquet(url, { cache, download: { cache: join(cache, 'remote') } });
    expect(data.item(3).id).toBe('train.parquet/3');
    expect(items(data).map(({ image }) => digest(bytesOf(image)))).toEqual(expected.images);
  } finally {
    server.close();
  }
});
