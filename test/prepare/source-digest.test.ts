/** The digest of a source: the same for the same bytes, wherever the cache is, and another for others. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWebdataset } from '../../src/io/index.js';
import { sourceDigest } from '../../src/prepare/source-digest.js';
import { tarOf } from '../io/make.js';
import { Server } from '../io/remote/server.js';

let server: Server;
let folder: string;
beforeEach(async () => {
  server = await Server.start();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-digest-'));
});
afterEach(() => {
  server.stop();
  fs.rmSync(folder, { recursive: true });
});

const shard = tarOf([
  { name: 'a.png', data: 'an image' },
  { name: 'a.cls', data: '0' },
  { name: 'a.mask.png', data: 'a mask' },
]);

it('of URLs, does not depend on the folder of downloads or its times, but on the ETag', async () => {
  const digest = async (cache: string) => {
    const download = { cache: path.join(folder, cache) };
    return sourceDigest(await openWebdataset(`${server.origin}/a.tar`, { cache: false, download }));
  };
  server.files.set('/a.tar', { bytes: shard, etag: '"one"' });
  const first = await digest('one');
  const [entry] = fs.readdirSync(path.join(folder, 'one'));
  fs.utimesSync(path.join(folder, 'one', entry as string, 'a.tar'), 1000, 1000);
  expect(await digest('one')).toBe(first);
  expect(await digest('two')).toBe(first);
  server.files.set('/a.tar', { bytes: shard, etag: '"two"' });
  expect(await digest('one')).not.toBe(first);
});

it('of local files, depends on size and time, of masks too', async () => {
  const file = path.join(folder, 'a.tar');
  fs.writeFileSync(file, shard);
  fs.utimesSync(file, 1000, 1000);
  const digest = async () => sourceDigest(await openWebdataset(file, { cache: false }));
  const first = await digest();
  expect(await digest()).toBe(first);
  fs.utimesSync(file, 2000, 2000);
  expect(await digest()).not.toBe(first);
});
