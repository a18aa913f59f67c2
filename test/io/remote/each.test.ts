/** Many files, of which some fail: each failure is one file's, until the server is taken for the reason. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderOfUrl, urlBelow } from '../../../src/io/remote/anywhere.js';
import { watchDownloads } from '../../../src/io/remote/downloads.js';
import { FetchedFiles } from '../../../src/io/remote/fetched-files.js';
import { localizeEach } from '../../../src/io/remote/localize.js';
import { fakeTime, Server } from './server.js';

let server: Server;
let cache: string;
beforeEach(async () => {
  server = await Server.start();
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-each-'));
});
afterEach(() => {
  server.stop();
  fs.rmSync(cache, { recursive: true, force: true });
});

const served = (text: string) => ({ bytes: Buffer.from(text), etag: `"${text}"` });

it('names the file that is missing, refused, broken off or no URL, and fetches all others', async () => {
  for (const name of ['/a', '/refused', '/cut', '/b']) server.files.set(name, served(name));
  server.hook = (request, response) => {
    if (request.url === '/refused') response.writeHead(403).end();
    else if (request.url === '/cut' && request.headers.range !== 'bytes=0-0') {
      const [, from, to] = /(\d+)-(\d+)/.exec(request.headers.range as string) ?? [];
      response.writeHead(206, {
        etag: '"/cut"',
        'content-range': `bytes ${from}-${to}/4`,
        'content-length': 4,
      });
      response.flushHeaders();
      setImmediate(() => response.destroy());
    } else return false;
    return true;
  };
  const urls = ['/a', '/none', '/refused', '/cut', '/b'].map((name) => server.origin + name);
  const all = [...urls, 'http://', urls[0] as string];
  const { time } = fakeTime();
  const found = await localizeEach('owner', all, { cache, connections: 2 }, { time });
  const texts = found.map((one) => ('fault' in one ? one.fault : fs.readFileSync(one.path, 'utf8')));
  expect(texts).toEqual([
    '/a',
    `owner: there is no file ${server.origin}/none; check the URL`,
    `${server.origin}/refused: access is refused (403); check the URL, and its signature if it has one`,
    expect.stringMatching(/\/cut: .* 7 times; try again later, and check the network$/),
    '/b',
    "owner: 'http://' is no URL; check it",
    '/a',
  ]);
  expect(server.ranges.filter((range) => range === 'bytes=0-1').length).toBe(2); // /a and /b, each once
});

it('ends where many in a row fail, though not where they are missing', async () => {
  const urls = Array.from({ length: 40 }, (_, i) => `${server.origin}/${i}`);
  const { time } = fakeTime();
  const missing = await FetchedFiles.of('owner', urls, { cache }, { time });
  expect(missing.faults.size).toBe(40);
  expect(missing.problems('table')).toEqual([
    {
      where: 'table',
      reason: `40 files could not be fetched, so that their samples cannot be read; the first: owner: there is no file ${server.origin}/0; check the URL`,
      passed: 0,
    },
  ]);
  expect(missing.path(`${server.origin}/1?key=secret`)).toBe(`${server.origin}/1`);
  server.hook = (_, response) => {
    response.writeHead(500).end();
    return true;
  };
  await expect(localizeEach('owner', urls, { cache }, { time })).rejects.toThrow(
    'the server answers 500 7 times',
  );
  expect(new Set(server.seen.slice(40).map((line) => line.split(' ')[1])).size).toBeLessThan(24);
});

it('a disk that cannot be written ends all, whatever may fail of single files', async () => {
  server.files.set('/a', served('a'));
  const file = path.join(cache, 'file');
  fs.writeFileSync(file, '');
  await expect(localizeEach('owner', [`${server.origin}/a`], { cache: file })).rejects.toThrow(
    'the folder cannot be made',
  );
});

it('tells who watches how far it has come, and nothing of what is there already', async () => {
  server.files.set('/a', served('12345'));
  server.files.set('/b', served('123'));
  const heard: number[][] = [];
  const end = watchDownloads(({ files, allFiles, bytes, allBytes }) =>
    heard.push([files, allFiles, bytes, allBytes]),
  );
  try {
    const urls = ['/a', '/b'].map((name) => server.origin + name);
    await localizeEach('owner', urls, { cache });
    expect(heard[0]).toEqual([0, 2, 0, 8]);
    expect(heard.at(-1)).toEqual([2, 2, 8, 8]);
    const before = heard.length;
    await localizeEach('owner', urls, { cache });
    expect(heard.length).toBe(before);
  } finally {
    end();
  }
});

it('URLs below a folder keep its query, and encode what is no part of a path', () => {
  expect(urlBelow('o', 'https://host/a/b?key=1', 'c d/e#?.png')).toBe(
    'https://host/a/b/c%20d/e%23%3F.png?key=1',
  );
  expect(urlBelow('o', 'https://host', 'x.png')).toBe('https://host/x.png');
  expect(urlBelow('o', 's3://bucket/p?endpoint=http://host', 'c d.png')).toBe(
    's3://bucket/p/c d.png?endpoint=http://host',
  );
  expect(urlBelow('o', 's3://bucket', 'c.png')).toBe('s3://bucket/c.png');
  expect(urlBelow('o', 's3://bucket/', 'c.png')).toBe('s3://bucket/c.png');
  expect(urlBelow('o', folderOfUrl('o', 'https://host/a/t.csv?key=1'), 'x.png')).toBe(
    'https://host/a/x.png?key=1',
  );
  expect(urlBelow('o', folderOfUrl('o', 's3://bucket/t.csv'), 'x.png')).toBe('s3://bucket/x.png');
});
