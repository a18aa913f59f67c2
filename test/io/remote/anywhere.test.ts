/** Readers over URLs: patterns, names that stay the same, classes beside the shards, secrets that are not shown. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWebdataset } from '../../../src/io/index.js';
import { filesOfAnywhere } from '../../../src/io/remote/anywhere.js';
import { localize } from '../../../src/io/remote/localize.js';
import { openS3, type S3 } from '../../../src/io/remote/s3-client.js';
import { parseS3 } from '../../../src/io/remote/s3-place.js';
import { S3Source } from '../../../src/io/remote/s3-source.js';
import { shownPlace } from '../../../src/io/remote/shown-place.js';
import type { RemoteInfo } from '../../../src/io/remote/source.js';
import { shortNames } from '../../../src/io/short-names.js';
import { openStore } from '../../../src/io/store/open-store.js';
import { image, tarOf } from '../make.js';
import { type Moto, noS3, withMoto } from '../moto.js';
import { fakeTime, Server } from './server.js';

let server: Server;
let cache: string;
let shard: (label: string) => Buffer;
beforeAll(async () => {
  const png = await image(8, 8).png().toBuffer();
  shard = (label) =>
    tarOf([
      { name: 'a.png', data: png },
      { name: 'a.cls', data: label },
    ]);
});
beforeEach(async () => {
  server = await Server.start();
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-anywhere-'));
});
afterEach(() => {
  server.stop();
  fs.rmSync(cache, { recursive: true, force: true });
});
const ids = (data: { length: number; item(i: number): { id: string } }) =>
  Array.from({ length: data.length }, (_, i) => data.item(i).id);
const open = (patterns: string | string[], more = {}) =>
  openWebdataset(patterns, { cache: false, download: { cache }, ...more });

describe('openWebdataset over http', () => {
  beforeEach(() => {
    for (const [i, label] of ['1', '0', '1'].entries())
      server.files.set(`/set/train-00${i}.tar`, { bytes: shard(label), etag: `"${i}"` });
  });

  it('reads shards by a pattern with braces, under names that do not depend on the cache', async () => {
    const data = await open(`${server.origin}/set/train-{000..002}.tar?token=secret`);
    expect(ids(data)).toEqual(['train-000.tar/a.png', 'train-001.tar/a.png', 'train-002.tar/a.png']);
    expect([data.item(0).label, data.item(1).label, data.classes]).toEqual([1, 0, ['0', '1']]);
    expect(data.name).toBe('train-{000..002}.tar');
    const { image } = data.item(0);
    if (image.kind !== 'range') throw new Error(image.kind);
    const bytes = fs.readFileSync(image.path).subarray(image.offset, image.offset + image.length);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  });

  it('finds classes.txt beside the first shard, where there is one', async () => {
    server.files.set('/set/classes.txt', { bytes: Buffer.from('cat\ndog\ncow\n'), etag: '"c"' });
    const data = await open(`${server.origin}/set/train-000.tar`);
    expect([data.classes, data.item(0).label]).toEqual([['cat', 'dog', 'cow'], 1]);
    server.refuse(/classes/);
    const refused = await open(`${server.origin}/set/train-000.tar`);
    expect(refused.classes).toEqual(['0', '1']);
    expect(refused.problems.map(({ where, passed }) => [where, passed])).toEqual([
      [`${server.origin}/set/classes.txt`, 0],
      [`${server.origin}/set/box-classes.txt`, 0],
    ]);
    expect(refused.problems[0].reason).toMatch(/^counts as missing, since some servers answer so .*403/);
  });

  it('takes local and remote files together, each once', async () => {
    const local = path.join(cache, 'local.tar');
    fs.writeFileSync(local, shard('0'));
    const url = `${server.origin}/set/train-000.tar`;
    const files = await filesOfAnywhere('test', [local, url, pathToFileURL(local).href, url], { cache });
    expect(files.map(({ source }) => source)).toEqual([local, url]);
    const data = await open([local, url]);
    expect(data.length).toBe(2);
    expect(new Set(ids(data)).size).toBe(2);
  });

  it('distinguishes URLs that differ in their queries alone', async () => {
    const urls = [1, 2].map((i) => `${server.origin}/set/train-000.tar?part=${i}`);
    expect(ids(await open(urls))).toEqual(['train-000.tar/a.png', 'train-000.tar#2/a.png']);
  });

  it('is refused in one sentence that shows no secret', async () => {
    const said = (pattern: string) => open(pattern).catch((error: Error) => error.message);
    expect(await said(`${server.origin}/set/*.tar?token=secret`)).toBe(
      `webdataset: ${server.origin}/set/*.tar: web servers cannot be asked for what matches *; write {000..009}`,
    );
    expect(await said(`${server.origin}/set/train-{002..003}.tar?token=secret`)).toBe(
      `webdataset: there is no file ${server.origin}/set/train-003.tar; check the URL`,
    );
    server.files.set('/empty.tar', { bytes: tarOf([]), etag: '"e"' });
    expect(await said(`${server.origin}/empty.tar?token=secret`)).not.toContain('secret');
    expect(await said('ftp://host/a.tar')).toMatch(/is not a local path; download the files first/);
    await expect(
      open(`${server.origin}/set/train-000.tar`, { download: { connections: 0 } }),
    ).rejects.toThrow(/webdataset: download.connections/);
  });
});

it('shownPlace leaves out what may be secret, and paths as they are', () => {
  expect(
    ['a?b*.tar', 'https://me:pw@host/a.tar?sig=1#x', 's3://me:pw@bucket/a?.tar?endpoint=http://h'].map(
      shownPlace,
    ),
  ).toEqual(['a?b*.tar', 'https://host/a.tar', 's3://bucket/a?.tar']);
});

it('a file of S3 is that of the server which the environment names', () => {
  const identity = () => new S3Source({} as S3, parseS3('test', 's3://bucket/a.tar')).identity;
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://one');
  const one = identity();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://two');
  expect([one, identity()]).toEqual(['http://one s3://bucket/a.tar', 'http://two s3://bucket/a.tar']);
  vi.unstubAllEnvs();
});

it('shortNames are unique and without what all share', () => {
  const names = (...sources: string[]) => shortNames(sources);
  expect(names('/x/a/0.tar', '/x/b/0.tar')).toEqual(['a/0.tar', 'b/0.tar']);
  expect(names('https://h/a.tar')).toEqual(['a.tar']);
  expect(names('https://h/x/a.tar', 'https://h/x/y/a.tar')).toEqual(['a.tar', 'y/a.tar']);
});

describe.skipIf(noS3 !== '')(`S3${noS3 && ` (skipped: ${noS3})`}`, () => {
  let moto: Moto;
  let buckets = 0;
  let url: string;
  withMoto((started) => {
    moto = started;
  });
  beforeEach(async () => {
    url = await moto.bucket(`read-${buckets++}`);
  });
  const put = async (files: Record<string, Buffer | string>) => {
    const store = await openStore(url);
    for (const [name, bytes] of Object.entries(files))
      await store.replace(name, Buffer.from(bytes as string));
    store.dispose();
  };
  const at = (pattern: string) => moto.url(`${parseS3('test', url).bucket}/${pattern}`);

  it('lists a prefix, in natural order, and reads shards and classes', async () => {
    await put({
      'set/train-10.tar': shard('1'),
      'set/train-9.tar': shard('0'),
      'set/classes.txt': 'cat\ndog\n',
      'set/.hidden.tar': 'x',
      'set/deeper/train-1.tar': 'x',
      'set/train-1.txt': 'x',
    });
    const data = await open(at('set/*.tar'));
    expect(ids(data)).toEqual(['train-9.tar/a.png', 'train-10.tar/a.png']);
    expect([data.classes, data.item(1).label]).toEqual([['cat', 'dog'], 1]);
    const found = await filesOfAnywhere('test', at('set/**/train-[0-9].t?t'), { cache });
    expect(found.map((f) => f.source)).toEqual([`s3://${parseS3('test', url).bucket}/set/train-1.txt`]);
    await expect(open(at('none/*.tar'))).rejects.toThrow(
      /^webdataset: no file matches s3:\/\/.*none\/\*.tar; check/,
    );
    await expect(open(at('none.tar'))).rejects.toThrow(
      /^webdataset: there is no file s3:\/\/.*none.tar; check/,
    );
  });

  it('fetches by ranges, and once', async () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i & 255));
    await put({ 'a b+c%20.bin': bytes });
    const places = [at('a b+c%20.bin')];
    const [file] = await localize('test', places, { cache }, { part: 300 });
    expect(fs.readFileSync(file?.path as string).equals(bytes)).toBe(true);
    const before = fs.statSync(file?.path as string).ino;
    expect(await localize('test', places, { cache }, { part: 300 })).toEqual([file]);
    expect(fs.statSync(file?.path as string).ino).toBe(before);
    await put({ 'a b+c%20.bin': 'new' });
    const [other] = await localize('test', places, { cache });
    expect(fs.readFileSync(other?.path as string, 'utf8')).toBe('new');
  });

  it('an answer that breaks off goes on where it stopped', async () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
    await put({ 'a.bin': bytes });
    const ranges: (string | undefined)[] = [];
    const cutting = await moto.proxy(at('a.bin'), ({ method, headers }) => {
      if (method === 'GET') ranges.push(headers.range);
      return method === 'GET' && ranges.length < 3 ? 'cut' : 'pass';
    });
    const { time } = fakeTime();
    const [file] = await localize('test', [cutting.url], { cache }, { time });
    expect(fs.readFileSync(file?.path as string).equals(bytes)).toBe(true);
    expect(ranges).toEqual(['bytes=0-99', 'bytes=1-99', 'bytes=2-99']);
    cutting.close();
  });

  it('a file that changes between its parts is refused by name', async () => {
    await put({ 'a.bin': Buffer.alloc(1000, 1) });
    const place = parseS3('test', at('a.bin'));
    const s3 = await openS3('test', place);
    const source = new S3Source(s3, place);
    const { signal } = new AbortController();
    const read = async (info: RemoteInfo, offset: number) => {
      let got = 0;
      for await (const piece of source.read(info, offset, 100, signal)) got += piece.length;
      return got;
    };
    const info = (await source.look(signal)) as RemoteInfo;
    expect(await read(info, 0)).toBe(100);
    await put({ 'a.bin': Buffer.alloc(1000, 2) });
    await expect(read(info, 100)).rejects.toThrow(
      /^s3:\/\/.*a.bin: it changed while it was read \(the server answers 412\)/,
    );
    await put({ 'a.bin': Buffer.alloc(10, 2) });
    await expect(read((await source.look(signal)) as RemoteInfo, 5)).rejects.toThrow(
      /sends 5 bytes and not the 100/,
    );
    s3.client.destroy();
  });

  it('wrong names and buckets are one sentence', async () => {
    await expect(open(moto.url('no-such-bucket-here/*.tar'))).rejects.toThrow(
      'webdataset: s3://no-such-bucket-here/*.tar: there is no such bucket (NoSuchBucket); check its name',
    );
    await expect(open(at('folder/'))).rejects.toThrow(
      /names no file; write s3:\/\/bucket\/key, or a pattern/,
    );
    const { time, waits } = fakeTime();
    await expect(
      localize('test', ['s3://bucket/a?endpoint=http://127.0.0.1:9'], { cache }, { time }),
    ).rejects.toThrow(
      's3://bucket/a: the server fails (ECONNREFUSED) 7 times; try again later, and check the network',
    );
    expect(waits).toHaveLength(6);
  });
});
