/** Every reader that takes URLs gives by URL what it gives of the same files here; what cannot be read so is refused by name. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mask } from '../../../src/core/index.js';
import { openCifar } from '../../../src/datasets/cifar.js';
import { openIdx } from '../../../src/io/idx/open-idx.js';
import {
  type OpenedDataset,
  openCoco,
  openImageFolder,
  openManifest,
  openWebdataset,
} from '../../../src/io/index.js';
import { openMds } from '../../../src/io/mds/open-mds.js';
import { openNumpy } from '../../../src/io/numpy/open-numpy.js';
import { openRawCache } from '../../../src/io/raw/open-raw.js';
import { encodeMask } from '../../../src/io/write/mask-png.js';
import { openSource } from '../../../src/prepare/open-source.js';
import { sourceDigest } from '../../../src/prepare/source-digest.js';
import { dataset, prepareHere, write } from '../../prepare/here.js';
import { bytesOf, tarOf } from '../make.js';
import { Server } from './server.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-readers-'));
let server: Server;
const images: Record<string, number> = {};
beforeAll(async () => {
  for (let i = 0; i < 5; i++) {
    images[`a ${i}.png`] = i % 2;
    await write(join(root, 'images', `a ${i}.png`), i, 16);
  }
});
beforeEach(async () => {
  server = await Server.start();
  return () => server.stop();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let caches = 0;
const download = () => ({ cache: join(root, `cache-${caches++}`) });

/** Everything of a data set but where its files are. */
const contents = (data: OpenedDataset) =>
  Array.from({ length: data.length }, (_, i) => {
    const { id, label, targets, image } = data.item(i);
    const masks = Object.entries(targets?.masks ?? {}).map(([name, mask]) => [
      name,
      bytesOf((mask as Mask).image),
    ]);
    return { id, label, boxes: targets?.boxes, keypoints: targets?.keypoints, masks, bytes: bytesOf(image) };
  });

async function prepared(format: string, source: OpenedDataset): Promise<string> {
  const out = join(root, `${format}-${caches++}`);
  await prepareHere({ source, format, shardSize: 3, ...(format === 'raw' && { size: 16 }) }, out);
  return out;
}

const plain = () => dataset(join(root, 'images'), images, ['cat', 'dog']);
/** With boxes and a mask for each image. */
const annotated = (): OpenedDataset => {
  const data = plain();
  return {
    ...data,
    boxClasses: ['ear'],
    item: (i) => ({
      ...data.item(i),
      targets: {
        boxes: { format: 'voc', items: [{ box: [1, 2, 9, 10], label: 0 }], classes: 1 },
        masks: { mask: { image: { kind: 'file', path: join(root, 'mask.png') } } },
      },
    }),
  };
};
beforeAll(async () => {
  const data = Uint8Array.from({ length: 256 }, (_, i) => i % 3);
  writeFileSync(join(root, 'mask.png'), await encodeMask({ data, width: 16, height: 16 }));
});

/** What both give, and that the digest of the source hangs on no cache. */
async function same(local: OpenedDataset, open: () => Promise<OpenedDataset>): Promise<void> {
  const far = await open();
  expect(far.problems).toEqual(local.problems);
  expect([far.classes, far.boxClasses]).toEqual([local.classes, local.boxClasses]);
  expect(contents(far)).toEqual(contents(local));
  expect(sourceDigest(await open())).toBe(sourceDigest(far));
}

describe('the same by URL as here', () => {
  it('MDS', async () => {
    const dir = join(await prepared('mds', plain()), 'train');
    const url = server.serve(dir, '/mds');
    await same(await openMds(dir), () => openMds(url, { download: download() }));
    expect((await openSource(`${url}/`)).length).toBe(5);
    server.files.delete('/mds/shard.00001.mds');
    const lacking = await openMds(url, { download: download() });
    expect(lacking.length).toBe(3);
    expect(lacking.problems).toEqual([
      {
        where: 'shard.00001.mds',
        reason: expect.stringContaining(`there is no file ${url}/shard.00001.mds`),
      },
    ]);
  });

  it('a raw cache, with the files of its targets', async () => {
    const out = await prepared('raw', annotated());
    const url = server.serve(out, '/raw');
    const shards = '{000000..000001}';
    await same(await openRawCache(join(out, 'train-00000?.raw')), () =>
      openRawCache(`${url}/train-${shards}.raw`, { download: download() }),
    );
  });

  it('COCO, images and masks by the annotations', async () => {
    const out = await prepared('coco', annotated());
    const found = readdirSync(out, { recursive: true, encoding: 'utf8' });
    const annotations = found.find(
      (name) => name.endsWith('.json') && /train/.test(name) && !name.startsWith('.'),
    );
    const folder = found
      .find((name) => /\.png$/.test(name) && !/mask|example/.test(name))
      ?.replace(/\/[^/]*$/, '');
    const url = server.serve(out, '/coco');
    await same(await openCoco(join(out, folder as string), join(out, annotations as string)), () =>
      openCoco(`${url}/${folder}`, `${url}/${annotations}`, { download: download() }),
    );
  });

  it('IDX, plain and packed', async () => {
    const pixels = Buffer.from(Array.from({ length: 4 * 6 }, (_, i) => i));
    const head = Buffer.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3]);
    const dir = join(root, 'idx');
    await write(join(dir, 'x.png'), 1);
    writeFileSync(join(dir, 'images'), Buffer.concat([head, pixels]));
    writeFileSync(join(dir, 'images.gz'), gzipSync(Buffer.concat([head, pixels])));
    writeFileSync(join(dir, 'labels'), Buffer.from([0, 0, 8, 1, 0, 0, 0, 4, 1, 0, 1, 0]));
    const url = server.serve(dir, '/idx');
    for (const name of ['images', 'images.gz'])
      await same(await openIdx(join(dir, name), { labels: join(dir, 'labels') }), () =>
        openIdx(`${url}/${name}`, { labels: `${url}/labels`, download: download() }),
      );
    await expect(openIdx(`${url}/none`, { labels: false, download: download() })).rejects.toThrow(
      `idx: there is no file ${url}/none; check the URL`,
    );
  });

  it('NumPy', async () => {
    const npy = (shape: string, bytes: Buffer) => {
      const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117);
      return Buffer.concat([
        Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
        Buffer.from(`${header}\n`),
        bytes,
      ]);
    };
    const dir = join(root, 'npy');
    await write(join(dir, 'x.png'), 1);
    writeFileSync(
      join(dir, 'images.npy'),
      npy('4, 2, 3', Buffer.from(Array.from({ length: 24 }, (_, i) => i))),
    );
    writeFileSync(join(dir, 'labels.npy'), npy('4,', Buffer.from([1, 0, 1, 0])));
    const url = server.serve(dir, '/npy');
    await same(await openNumpy(join(dir, 'images.npy'), { labels: join(dir, 'labels.npy') }), () =>
      openNumpy(`${url}/images.npy?key=1`, { labels: `${url}/labels.npy`, download: download() }),
    );
  });

  it('a packed tar', async () => {
    const dir = join(root, 'tar');
    await write(join(dir, 'x.png'), 1);
    const entries = [
      { name: 'a.png', data: readFileSync(join(dir, 'x.png')) },
      { name: 'a.cls', data: '0' },
    ];
    writeFileSync(join(dir, 'a.tar.gz'), gzipSync(tarOf(entries)));
    const url = server.serve(dir, '/tar');
    await same(await openWebdataset(join(dir, 'a.tar.gz')), () =>
      openWebdataset(`${url}/a.tar.gz`, { download: download() }),
    );
  });
});

describe('tables', () => {
  const names = () => Object.keys(images);
  const csv = (rows: readonly string[]) => `image,label,mask\n${rows.map((row) => `${row}\n`).join('')}`;

  it('with images relative to their URL, at other URLs, and masks; each is fetched once', async () => {
    const url = server.serve(join(root, 'images'), '/set/images');
    server.files.set('/mask.png', { bytes: readFileSync(join(root, 'mask.png')), etag: '"m"' });
    const [one, two, three] = names();
    const far = `${server.origin}/set/images/${encodeURIComponent(three as string)}?signature=secret`;
    const text = csv([`images/${one},cat,${server.origin}/mask.png`, `./images/${two},dog,`, `${far},cat,`]);
    server.files.set('/set/table.csv', { bytes: Buffer.from(text), etag: '"t"' });
    const own = download();
    const data = await openManifest(`${server.origin}/set/table.csv?signature=secret`, { download: own });
    expect(data.problems).toEqual([]);
    expect([data.name, data.classes]).toEqual(['table.csv', ['cat', 'dog']]);
    const [a, b, c] = contents(data);
    expect([a?.id, b?.id, c?.id]).toEqual([`images/${one}`, `images/${two}`, far.replace(/\?.*/, '')]);
    for (const [i, item] of [a, b, c].entries())
      expect(item?.bytes).toEqual(readFileSync(join(root, 'images', names()[i] as string)));
    expect(a?.masks).toEqual([['mask', readFileSync(join(root, 'mask.png'))]]);
    expect(JSON.stringify([data.item(2), data.name])).not.toContain('secret');
    const before = server.ranges.length;
    expect(before).toBe(5);
    await openManifest(`${server.origin}/set/table.csv`, { download: own });
    expect(server.ranges.length).toBe(before);
    expect(url).toBeDefined();
  });

  it('here, with images at URLs, and with root at one', async () => {
    const url = server.serve(join(root, 'images'), '/images');
    const file = join(root, 'table.jsonl');
    const lines = names().map((name, i) => JSON.stringify({ image: name, label: i % 2 }));
    writeFileSync(file, lines.join('\n'));
    const data = await openManifest(file, { root: url, download: download() });
    expect(contents(data).map(({ bytes }) => bytes)).toEqual(
      names().map((name) => readFileSync(join(root, 'images', name))),
    );
    writeFileSync(file, JSON.stringify({ image: `${url}/a%200.png`, label: 0 }));
    expect((await openManifest(file, { download: download() })).item(0).id).toBe(`${url}/a%200.png`);
  });

  it('refuse what leaves the folder of their URL, and URLs of other kinds, by line', async () => {
    server.serve(join(root, 'images'), '/set/images');
    const rows = ['../x.png', '/etc/x.png', 'images/../../x.png', 'ftp://host/x.png', `images/${names()[0]}`];
    const text = csv(rows.map((row) => `${row},cat,`));
    server.files.set('/set/t.csv', { bytes: Buffer.from(text), etag: '"t"' });
    const data = await openManifest(`${server.origin}/set/t.csv`, { download: download() });
    expect(data.length).toBe(1);
    expect(data.problems.map(({ where }) => where)).toEqual(['line 2', 'line 3', 'line 4', 'line 5']);
    expect(data.problems[0]?.reason).toContain(`is outside '${server.origin}/set/'`);
    expect(data.problems[3]?.reason).toContain('give a path, or a URL of http, https or s3');
  });

  it('an image that is not there is refused by its name in a preparation, and tried again', async () => {
    server.serve(join(root, 'images'), '/images');
    const text = csv([...names(), 'late.png'].map((name) => `images/${name},cat,`));
    server.files.set('/t.csv', { bytes: Buffer.from(text), etag: '"t"' });
    const out = join(root, 'late-out');
    const open = () =>
      openManifest(`${server.origin}/t.csv`, { download: { cache: join(root, 'late-cache') } });
    const url = `${server.origin}/images/late.png`;
    const first = await prepareHere({ source: await open() }, out);
    expect(first.notices.join('\n')).toContain(
      `t.csv: 1 file could not be fetched, so that their samples cannot be read; the first: manifest: there is no file ${url}`,
    );
    expect(first.manifest).toMatchObject({
      source: { images: 6 },
      counts: { images: 5 },
      refused: { unreadable: 1 },
    });
    expect(JSON.parse(readFileSync(join(out, 'refused.jsonl'), 'utf8'))).toEqual({
      ...{ id: 'images/late.png', by: 'unreadable', passing: true },
      reason: `there is no file ${url}; restore it or remove it from the data set`,
    });
    await write(join(root, 'late.png'), 99, 16);
    server.files.set('/images/late.png', { bytes: readFileSync(join(root, 'late.png')), etag: '"l"' });
    const then = await prepareHere({ source: await open() }, out, { retryRefused: true });
    expect(then.manifest).toMatchObject({ counts: { images: 6 }, refused: {} });
  });

  it('COCO keeps an image that is not there, for the same reason', async () => {
    server.serve(join(root, 'images'), '/images');
    const annotations = {
      images: [...names(), 'gone.png'].map((file_name, id) => ({ id, file_name, width: 16, height: 16 })),
      categories: [{ id: 1, name: 'ear' }],
      annotations: [{ id: 1, image_id: 0, category_id: 1, bbox: [1, 1, 5, 5] }],
    };
    server.files.set('/a.json', { bytes: Buffer.from(JSON.stringify(annotations)), etag: '"a"' });
    const data = await openCoco(`${server.origin}/images`, `${server.origin}/a.json`, {
      download: download(),
    });
    expect(data.length).toBe(6);
    expect(data.item(5).image).toEqual({ kind: 'file', path: `${server.origin}/images/gone.png` });
    expect(data.problems).toMatchObject([{ reason: expect.stringContaining('1 file could not be fetched') }]);
  });
});

describe('what is read on this machine alone', () => {
  const sentence = (owner: string) =>
    `${owner}: expected a folder on this machine but received 'https://host/x'; download it, or list its images`;

  it('refuses a URL by its name, without its query', async () => {
    const url = 'https://host/x?secret=1';
    await expect(openImageFolder(url)).rejects.toThrow(sentence('imageFolder'));
    await expect(openImageFolder(root, { masks: url })).rejects.toThrow(sentence('imageFolder: masks'));
    await expect(openCifar(url)).rejects.toThrow(sentence('cifar'));
    await expect(openSource(url)).rejects.toThrow(sentence('source'));
    for (const path of ['photo.jpg', 'photos'])
      await expect(openSource(`s3://bucket/${path}`)).rejects.toThrow(
        `source: expected a folder on this machine but received 's3://bucket/${path}'`,
      );
  });
});
