/** Files from web servers that are slow, broken, changing or hostile: whole and right, or one sentence. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { localize } from '../../../src/io/remote/localize.js';
import { pause, retryAfter } from '../../../src/io/remote/patience.js';
import { fakeTime, Server, send } from './server.js';

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
const PART = 300;

let server: Server;
let cache: string;
let clock: ReturnType<typeof fakeTime>;
beforeEach(async () => {
  server = await Server.start();
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-remote-'));
  clock = fakeTime();
  server.files.set('/a.tar', { bytes, etag: '"one"' });
});
afterEach(() => {
  server.stop();
  fs.rmSync(cache, { recursive: true, force: true });
});

const fetched = async (file = '/a.tar', options = {}, signal?: AbortSignal) => {
  const how = { time: clock.time, part: PART, signal };
  const [local] = await localize('test', [server.origin + file], { cache, ...options }, how);
  return fs.readFileSync(local?.path as string);
};
const failure = async (file?: string, options?: object) => {
  const error: Error = await fetched(file, options).then(
    () => new Error('it was fetched'),
    (e) => e,
  );
  return error.message.replaceAll(server.origin, 'ORIGIN');
};
const files = () =>
  (fs.readdirSync(cache, { recursive: true }) as string[]).filter((f) => !/^[0-9a-f]{32}$|\/use-/.test(f));
const finals = () => files().filter((f) => /a\.tar$/.test(f));

describe('a server with ranges', () => {
  it('gives parts, and a second call asks for nothing but the ETag', async () => {
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(server.ranges.sort()).toEqual(['bytes=0-299', 'bytes=300-599', 'bytes=600-899', 'bytes=900-999']);
    const before = server.seen.length;
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(server.seen.slice(before)).toEqual(['GET /a.tar bytes=0-0']);
    expect(files()).toEqual(finals());
  });

  it('a new ETag is a new file', async () => {
    await fetched();
    server.files.set('/a.tar', { bytes: Buffer.from('other'), etag: '"two"' });
    expect((await fetched()).toString()).toBe('other');
    expect(finals()).toHaveLength(2);
  });

  it('a cached file of another length is fetched anew', async () => {
    await fetched();
    fs.truncateSync(path.join(cache, finals()[0] as string), 10);
    expect((await fetched()).equals(bytes)).toBe(true);
  });

  it('an empty file', async () => {
    server.files.set('/a.tar', { bytes: Buffer.alloc(0), etag: '"none"' });
    expect(await fetched()).toHaveLength(0);
  });

  it('signatures in the URL are not part of what a file is, other parameters are', async () => {
    await fetched('/a.tar?X-Amz-Signature=1&Expires=2');
    await fetched('/a.tar?X-Amz-Signature=3&Expires=4');
    expect(finals()).toHaveLength(1);
    await fetched('/a.tar?version=2');
    expect(finals()).toHaveLength(2);
  });

  it('several files at once, in the order of the URLs', async () => {
    const urls = Array.from({ length: 9 }, (_, i) => {
      server.files.set(`/${i}.bin`, { bytes: Buffer.alloc(700, i), etag: `"${i}"` });
      return `${server.origin}/${i}.bin`;
    });
    const told: { files: number; bytes: number; allBytes: number }[] = [];
    const options = { cache, connections: 3, onProgress: (p: (typeof told)[0]) => told.push(p) };
    const paths = await localize('test', urls, options, { part: PART });
    expect(paths.map((p) => fs.readFileSync(p?.path as string)[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(told[0]).toEqual({ files: 0, allFiles: 9, bytes: 0, allBytes: 6300 });
    expect(told.at(-1)).toEqual({ files: 9, allFiles: 9, bytes: 6300, allBytes: 6300 });
  });
});

describe('what breaks is mended', () => {
  it('a body that is cut goes on where it stopped', async () => {
    let cuts = 3;
    server.hook = (request, response) => {
      const { range } = request.headers;
      if (range === 'bytes=0-0' || !range?.startsWith('bytes=3') || cuts-- <= 0) return false;
      const [first, last] = range.slice(6).split('-').map(Number) as [number, number];
      response.writeHead(206, {
        etag: '"one"',
        'content-range': `bytes ${first}-${last}/1000`,
        'content-length': last - first + 1,
      });
      response.write(bytes.subarray(first, first + 10), () => response.destroy());
      return true;
    };
    expect((await fetched()).equals(bytes)).toBe(true);
    const part = server.ranges.filter((range) => range.startsWith('bytes=3'));
    expect(part).toEqual(['bytes=300-599', 'bytes=310-599', 'bytes=320-599', 'bytes=330-599']);
  });

  it('503 and 429 wait as long as the server asks', async () => {
    server.hook = (_, response, n) => {
      if (n > 1) return false;
      response.writeHead(n === 0 ? 503 : 429, { 'retry-after': n === 0 ? '120' : '7' }).end();
      return true;
    };
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(clock.waits).toEqual([120_000, 7000]);
  });

  it('a server that never recovers is given up after seven tries, which back off', async () => {
    server.hook = (_, response) => Boolean(response.writeHead(500).end());
    expect(await failure()).toBe(
      'ORIGIN/a.tar: the server answers 500 7 times; try again later, and check the network',
    );
    expect(server.seen).toHaveLength(7);
    expect(clock.waits).toEqual(Array.from({ length: 6 }, (_, i) => pause(`${server.origin}/a.tar`, i + 1)));
    clock.waits.forEach((ms, i) => {
      expect(ms).toBeGreaterThanOrEqual(250 * 2 ** i);
      expect(ms).toBeLessThan(500 * 2 ** i);
    });
  });

  it('a server that asks for hours is not waited for', async () => {
    server.hook = (_, response) => Boolean(response.writeHead(503, { 'retry-after': '7200' }).end());
    expect(await failure()).toMatch(/answers 503 and asks to wait 7200 s; try again later/);
    expect(clock.waits).toEqual([]);
  });

  it('silence before and within an answer ends the connection, not the download', async () => {
    let hung = 0;
    server.hook = (request, response, n) => {
      if (n === 0) {
        hung++;
        return true; // no answer at all
      }
      if (request.headers.range !== 'bytes=0-299' || hung > 1) return false;
      hung++;
      response.writeHead(206, {
        etag: '"one"',
        'content-range': 'bytes 0-299/1000',
        'content-length': 300,
      });
      response.write(bytes.subarray(0, 5));
      return true; // and no more
    };
    const got = fetched('/a.tar', { connections: 1 });
    await until(() => hung === 1);
    await clock.silence();
    await until(() => hung === 2);
    await clock.silence();
    expect((await got).equals(bytes)).toBe(true);
    expect(hung).toBe(2);
  });

  it('what a stopped run has is not fetched again', async () => {
    const stop = new AbortController();
    server.hook = (request) => {
      if (request.headers.range !== 'bytes=600-899') return false;
      stop.abort();
      return true;
    };
    await expect(fetched('/a.tar', { connections: 1 }, stop.signal)).rejects.toThrow(/abort/);
    expect(finals()).toEqual([]);
    server.hook = () => false;
    server.seen.length = 0;
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(server.ranges.sort()).toEqual(['bytes=600-899', 'bytes=900-999']);
    expect(files()).toEqual(finals());
  });
});

const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
};

describe('a file that changes while it is read is refused', () => {
  it.each([
    ['its ETag', { etag: '"two"' }, /ETag "one" became "two"/],
    ['its length', { etag: '"one"', bytes: bytes.subarray(0, 950) }, /1000 bytes became 950/],
  ])('%s', async (_, now, message) => {
    server.hook = (request, response) => {
      if (request.headers.range !== 'bytes=600-899') return false;
      send(request, response, { bytes, ...now });
      return true;
    };
    expect(await failure()).toMatch(message);
    expect(await failure()).toMatch(/^ORIGIN\/a\.tar: it changed while it was read .*; run again when/);
    expect(files()).toEqual([]);
  });

  it('its time, where there is no ETag', async () => {
    const modified = 'Mon, 02 Nov 2026 10:00:00 GMT';
    server.files.set('/a.tar', { bytes, modified });
    expect((await fetched()).equals(bytes)).toBe(true);
    server.files.set('/b.tar', { bytes, modified });
    server.hook = (request, response) => {
      if (request.headers.range !== 'bytes=600-899') return false;
      send(request, response, { bytes, modified: 'Mon, 02 Nov 2026 11:00:00 GMT' });
      return true;
    };
    expect(await failure('/b.tar')).toMatch(/Last-Modified '.*10:00:00 GMT' became '.*11:00:00 GMT'/);
  });

  it('it vanishes', async () => {
    server.hook = (request, response) =>
      request.headers.range === 'bytes=600-899' && Boolean(response.writeHead(404).end());
    expect(await failure()).toMatch(/it changed while it was read \(the server answers 404\)/);
  });
});

describe('a server without ranges', () => {
  it.each([
    ['with a length', {}],
    ['without a length', { length: false }],
  ])('%s', async (_, how) => {
    server.files.set('/a.tar', { bytes, etag: '"one"', ranges: false, ...how });
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(await fetched()).toHaveLength(1000);
    expect(finals()).toHaveLength(1);
  });

  it('a body that is cut is read again from the start', async () => {
    server.files.set('/a.tar', { bytes, etag: '"one"', ranges: false });
    server.hook = (_, response, n) => {
      if (n !== 1) return false;
      response.writeHead(200, { etag: '"one"', 'content-length': 1000 });
      response.write(Buffer.alloc(500, 1), () => response.destroy());
      return true;
    };
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(server.seen).toHaveLength(3);
  });

  it('a chunked body that breaks off is never taken for whole', async () => {
    server.files.set('/a.tar', { bytes, etag: '"one"', ranges: false, length: false });
    server.hook = (_, response, n) => {
      if (n === 0) return false;
      response.writeHead(200, { etag: '"one"' });
      response.write(bytes.subarray(0, 500), () => response.destroy());
      return true;
    };
    expect(await failure()).toMatch(/the connection failed .* 7 times/);
    expect(files()).toEqual([]);
  });

  it('without ETag and time nothing is taken from an earlier call', async () => {
    server.files.set('/a.tar', { bytes });
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(server.ranges).toEqual(['all']); // parts could be of different versions
    server.files.set('/a.tar', { bytes: Buffer.from(bytes).reverse() });
    expect((await fetched()).equals(Buffer.from(bytes).reverse())).toBe(true);
  });

  it('a weak ETag is no condition for parts', async () => {
    server.files.set('/a.tar', { bytes, etag: 'W/"one"' });
    expect((await fetched()).equals(bytes)).toBe(true);
    expect(server.ranges).toEqual(['all']);
  });
});

describe('answers that lie', () => {
  const answering = (
    status: number,
    headers: Record<string, string | number>,
    body: Buffer | string = '',
  ) => {
    server.hook = (request, response) => {
      if (request.headers.range === 'bytes=0-0') return false;
      response.writeHead(status, { etag: '"one"', ...headers }).end(body);
      return true;
    };
  };

  it('another range than was asked for', async () => {
    answering(206, { 'content-range': 'bytes 1-300/1000' }, bytes.subarray(1, 301));
    expect(await failure()).toMatch(/answers 206 with the range "bytes 1-300\/1000", which is no file/);
  });

  it('more bytes than announced', async () => {
    server.files.set('/a.tar', { bytes: bytes.subarray(0, 5), etag: '"one"', ranges: false });
    server.hook = (_, response, n) => {
      if (n === 0) return false;
      response.writeHead(200, { etag: '"one"', 'transfer-encoding': 'chunked' }).end(bytes);
      return true;
    };
    expect(await failure()).toMatch(/more bytes came than the 5 that were announced/);
    expect(files()).toEqual([]);
  });

  it('fewer bytes than announced, again and again', async () => {
    server.hook = (request, response) => {
      if (request.headers.range === 'bytes=0-0') return false;
      response
        .writeHead(206, { etag: '"one"', 'content-range': 'bytes 0-299/1000' })
        .end(bytes.subarray(0, 0));
      return true;
    };
    expect(await failure('/a.tar', { connections: 1 })).toMatch(/broke off after 0 of 300 bytes 7 times/);
  });

  it('the whole file instead of a part', async () => {
    answering(200, {}, bytes);
    expect(await failure()).toMatch(/sent the whole file instead of a part of it 7 times/);
  });

  it('another encoding than was asked for', async () => {
    server.hook = (_, response) => Boolean(response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    expect(await failure()).toMatch(/sends it in another encoding \(gzip\)/);
  });

  it('a range that is none', async () => {
    server.hook = (_, response) =>
      Boolean(response.writeHead(206, { 'content-range': 'lines 1-2' }).end('x'));
    expect(await failure()).toMatch(/answers 206 with the range "lines 1-2"/);
  });

  it('a file that is larger than allowed, announced or not', async () => {
    expect(await failure('/a.tar', { maxFileBytes: 999 })).toMatch(/it has 1000 bytes, more than 999 bytes/);
    server.files.set('/a.tar', { bytes, etag: '"x"', ranges: false, length: false });
    expect(await failure('/a.tar', { maxFileBytes: 999 })).toMatch(/it has more than 999 bytes/);
    expect(files()).toEqual([]);
  });
});

describe('redirects', () => {
  const to = (location: string, status = 302) => {
    server.hook = (request, response) =>
      request.url?.startsWith('/from') === true && Boolean(response.writeHead(status, { location }).end());
  };

  it.each([301, 302, 303, 307, 308])('%i is followed', async (status) => {
    to('/a.tar', status);
    expect((await fetched('/from.tar')).equals(bytes)).toBe(true);
  });

  it.each([
    ['in a circle', '/from.tar', /redirects more than 5 times; give the final URL/],
    ['to a local file', 'file:///etc/passwd', /redirects to a file: URL, which is not followed/],
    ['to another scheme', 's3://bucket/key', /redirects to a s3: URL/],
    ['with a password', 'http://me:secret@host/', /redirects to a http: URL, which is not followed/],
    ['to nowhere', 'http://[', /redirects to what is no URL/],
  ])('%s is refused', async (_, location, message) => {
    to(location);
    const said = await failure('/from.tar');
    expect(said).toMatch(message);
    expect(said).not.toContain('secret');
  });
});

it('a redirect from https to http is refused', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: URL) => {
    asked.push(url.href);
    return new Response(null, { status: 302, headers: { location: 'http://host/a.tar' } });
  });
  try {
    await expect(localize('test', ['https://host/a.tar'], { cache })).rejects.toThrow(
      'https://host/a.tar: it redirects from https to http, which is not followed; give the final URL',
    );
  } finally {
    vi.unstubAllGlobals();
  }
  expect(asked).toEqual(['https://host/a.tar']);
});

describe('what cannot be fetched at all', () => {
  it('is one sentence, without anything secret of the URL', async () => {
    expect(await failure('/none.tar?token=secret')).toBe(
      'test: there is no file ORIGIN/none.tar; check the URL',
    );
    server.refuse(/./);
    expect(await failure('/a.tar?token=secret')).toBe(
      'ORIGIN/a.tar: access is refused (403); check the URL, and its signature if it has one',
    );
    await expect(localize('test', ['http://me:secret@host/a?b'], { cache })).rejects.toThrow(
      /^test: the URL http:\/\/host\/a holds a user or password, which is not sent; use a signed URL$/,
    );
    await expect(localize('test', ['http://host:x/a?secret'], { cache })).rejects.toThrow(
      "test: 'http://host:x/a' is no URL; check it",
    );
  });

  it('nobody listens', async () => {
    server.stop();
    expect(await failure()).toMatch(/the connection failed \(ECONNREFUSED\) 7 times/);
  });
});

it('Retry-After is a number of seconds or a date', () => {
  const now = Date.parse('2026-11-02T10:00:00Z');
  expect(retryAfter(null, now)).toBeUndefined();
  expect(retryAfter('3', now)).toBe(3000);
  expect(retryAfter('Mon, 02 Nov 2026 10:00:05 GMT', now)).toBe(5000);
  expect(retryAfter('Mon, 02 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect(retryAfter('soon', now)).toBeUndefined();
});
