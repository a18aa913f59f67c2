/** A data set of downloaded or compressed files is the same one on every machine, wherever its caches are. */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type OpenedDataset,
  openIdx,
  openParquet,
  openTfrecord,
  openWebdataset,
} from '../../src/io/index.js';
import { sourceDigest } from '../../src/prepare/source-digest.js';
import { image, scratchFolder, tarOf } from './make.js';
import { Server } from './remote/server.js';

const folder = scratchFolder();
const golden = join(import.meta.dirname, '../golden');
let server: Server;
const files = new Map<string, Buffer>();
beforeAll(async () => {
  server = await Server.start();
  const shard = tarOf([
    { name: 'a.png', data: await image(8, 8).png().toBuffer() },
    { name: 'a.cls', data: '0' },
  ]);
  files.set('a.tar', shard);
  files.set('a.tar.gz', gzipSync(shard));
  files.set('d.gz', gzipSync(Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 7))); // IDX
  for (const name of ['plain', 'packed'])
    files.set(`${name}.tfrecord`, readFileSync(join(golden, 'tfrecord', `${name}.tfrecord`)));
  for (const name of ['codec-none', 'codec-zstd'])
    files.set(`${name}.parquet`, readFileSync(join(golden, 'parquet', `${name}.parquet`)));
});
afterAll(() => server.stop());

let caches = 0;
function open(place: string): Promise<OpenedDataset> {
  const cache = join(folder, `cache-${caches++}`);
  const options = { cache, download: { cache: join(cache, 'remote') } };
  if (place.includes('.tar')) return openWebdataset(place, options);
  if (place.endsWith('.gz')) return openIdx(place, { ...options, labels: false });
  return place.endsWith('.parquet')
    ? openParquet(place, options)
    : openTfrecord(place, { ...options, label: 'image/class/text' });
}
const digest = async (place: string) => sourceDigest(await open(place));

describe.each([
  'a.tar',
  'a.tar.gz',
  'plain.tfrecord',
  'packed.tfrecord',
  'codec-none.parquet',
  'codec-zstd.parquet',
  'd.gz',
])('%s', (name) => {
  it('from the web is known by URL and ETag', async () => {
    const bytes = files.get(name) as Buffer;
    server.files.set(`/${name}`, { bytes, etag: '"1"' });
    const url = `${server.origin}/${name}`;
    const first = await digest(url);
    expect(await digest(url)).toBe(first);
    server.files.set(`/${name}`, { bytes, etag: '"2"' });
    expect(await digest(url)).not.toBe(first);
  });

  it('on the disk is known by its own path, size and time', async () => {
    const path = join(folder, name);
    writeFileSync(path, files.get(name) as Buffer);
    const first = await digest(path);
    expect(await digest(path)).toBe(first);
    utimesSync(path, 1, 1);
    expect(await digest(path)).not.toBe(first);
  });
});
