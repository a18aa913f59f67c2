/** The store in S3, on a server that the test starts: commits under conditions, in one piece and in parts. */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import util, { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwayError } from '../../../src/core/files/away-error.js';
import { openS3 } from '../../../src/io/remote/s3-client.js';
import { parseS3 } from '../../../src/io/remote/s3-place.js';
import { storedDigest } from '../../../src/io/store/digests.js';
import { openStore } from '../../../src/io/store/open-store.js';
import { openS3Store } from '../../../src/io/store/s3-store.js';
import type { Store } from '../../../src/io/store/store.js';
import { latch } from '../latch.js';
import { credentials, type Moto, noS3, withMoto } from '../moto.js';

/** The least that S3 takes for a part. */
const PART = 5 << 20;
const contentOf = (bytes: Uint8Array | string) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: Buffer.byteLength(bytes as string),
});

describe.skipIf(noS3 !== '')(`S3${noS3 && ` (skipped: ${noS3})`}`, () => {
  let moto: Moto;
  let folder: string;
  let url: string;
  let store: Store;
  let buckets = 0;
  withMoto((started) => {
    moto = started;
  });
  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-s3-'));
    url = await moto.bucket(`bucket-${buckets++}`, '/data/set');
    store = await openS3Store(url, PART);
  });
  afterEach(() => {
    store.dispose();
    fs.rmSync(folder, { recursive: true });
  });
  const staged = (bytes: Uint8Array | string, name = 'staged') => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, bytes);
    return file;
  };
  const commit = (name: string, bytes: Uint8Array | string) =>
    store.commit(name, staged(bytes), contentOf(bytes));
  const uploads = async () => {
    const { sdk, client } = await openS3('test', parseS3('test', url));
    const { bucket } = parseS3('test', url);
    const found = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: bucket }));
    client.destroy();
    return (found.Uploads ?? []).map(({ Key }) => Key);
  };
  const proxy = (answer: Parameters<typeof moto.proxy>[1]) => moto.proxy(url, answer);
  const big = (seed: number) =>
    Buffer.alloc(2 * PART + 12345, createHash('sha512').update(`${seed}`).digest());

  it.each([
    ['in one piece', 'shard'],
    ['in parts', big(1)],
  ])('commits %s, once', async (_, bytes) => {
    expect(await commit('train/0.tar', bytes)).toBe('written');
    expect(fs.readdirSync(folder)).toEqual([]);
    expect(await commit('train/0.tar', bytes)).toBe('same');
    expect(fs.readdirSync(folder)).toEqual([]);
    expect(await store.stat('train/0.tar')).toEqual({ path: 'train/0.tar', ...contentOf(bytes) });
    expect(await storedDigest(store, 'train/0.tar')).toEqual(contentOf(bytes));
    expect(await uploads()).toEqual([]);
    const error: Error = await commit('train/0.tar', 'other').catch((e) => e);
    expect(error.message).toContain(contentOf(bytes).sha256);
    expect(error.message).toContain(contentOf('other').sha256);
    expect(fs.readdirSync(folder)).toEqual(['staged']);
    expect(await storedDigest(store, 'train/0.tar')).toEqual(contentOf(bytes));
  });

  it('an empty file, and one of exactly one part', async () => {
    expect(await commit('empty', '')).toBe('written');
    expect(await store.read('empty')).toHaveLength(0);
    const bytes = big(2).subarray(0, PART);
    expect(await commit('part', bytes)).toBe('written');
    expect(await storedDigest(store, 'part')).toEqual(contentOf(bytes));
  });

  it.each(['one piece', 'parts'])('refuses staged bytes of another digest, in %s', async (how) => {
    const bytes = how === 'parts' ? big(3) : Buffer.from('x');
    const wrong = { ...contentOf(bytes), sha256: contentOf('y').sha256 };
    await expect(store.commit('a', staged(bytes), wrong)).rejects.toThrow(/does not hold what was written/);
    await expect(store.commit('a', staged(bytes), { ...wrong, bytes: 3 })).rejects.toThrow(/bytes and not 3/);
    expect([await store.stat('a'), await uploads()]).toEqual([undefined, []]);
    expect(fs.readdirSync(folder)).toEqual(['staged']);
  });

  it('compares the bytes of a file that was not written by a store', async () => {
    const { sdk, client } = await openS3('test', parseS3('test', url));
    const { bucket, key } = parseS3('test', url);
    await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: `${key}/a`, Body: 'foreign' }));
    client.destroy();
    expect(await commit('a', 'foreign')).toBe('same');
    await expect(commit('a', 'strange')).rejects.toThrow(/another file of this name is there/);
  });

  it('replace, ranges, list and remove', async () => {
    await store.replace('manifest.json', Buffer.from('one'));
    await store.replace('manifest.json', Buffer.from('three'));
    expect(Buffer.from(await store.read('manifest.json')).toString()).toBe('three');
    expect(Buffer.from(await store.read('manifest.json', { offset: 1, length: 3 })).toString()).toBe('hre');
    expect(await store.read('manifest.json', { offset: 5 })).toHaveLength(0);
    await expect(store.read('manifest.json', { offset: 3, length: 3 })).rejects.toThrow(/has 5 bytes, and 6/);
    await expect(store.read('manifest.json', { offset: 9, length: 3 })).rejects.toThrow(
      /has 5 bytes, and 12/,
    );
    expect(await store.read('manifest.json', { offset: 2, length: 0 })).toHaveLength(0);
    await expect(store.read('none')).rejects.toThrow(/there is no such file/);
    await expect(store.read('none', { length: 1 })).rejects.toThrow(/there is no such file/);
    await store.replace('train/b', Buffer.from('b'));
    await store.replace('train/a', Buffer.from('a'));
    await store.replace('trail', Buffer.from('a'));
    expect((await store.list()).map((f) => f.path)).toEqual(['manifest.json', 'trail', 'train/a', 'train/b']);
    expect((await store.list('train/')).map((f) => f.path)).toEqual(['train/a', 'train/b']);
    await store.remove('train/a');
    await store.remove('train/a');
    expect(await store.list('train/')).toEqual([{ path: 'train/b', bytes: 1 }]);
    await expect(store.read('../other')).rejects.toThrow(/^store: path /);
    expect(store.name).toMatch(/^s3:\/\/bucket-\d+\/data\/set$/);
  });

  it('lists more than one page', async () => {
    const small = await proxy((request) => {
      if (request.method === 'GET') request.url = `${request.url}&max-keys=2`;
      return 'pass';
    });
    const names = ['a', 'b', 'c/d', 'e', 'f'];
    for (const name of names) await store.replace(name, Buffer.of(1));
    const behind = await openStore(small.url);
    expect((await behind.list()).map((file) => file.path)).toEqual(names);
    behind.dispose();
    small.close();
  });

  const library = fileURLToPath(new URL('../../../dist/io/store/s3-store.js', import.meta.url));
  const child = (...args: string[]) => [
    '--input-type=module',
    '-e',
    `const [library, url, staged, sha256, bytes] = process.argv.slice(1);
     const { openS3Store } = await import(library);
     const store = await openS3Store(url, ${PART});
     const content = { sha256, bytes: Number(bytes) };
     process.stdout.write(await store.commit('a/b.tar', staged, content).catch((e) => e.message));
     store.dispose();`,
    library,
    ...args,
  ];

  const race = async (bytes: (i: number) => Buffer) => {
    // S3 looks and writes in one step, moto in two: here no such request begins before the one before has ended.
    let before = Promise.resolve();
    const fair = await proxy(async ({ headers }, response): Promise<'pass'> => {
      if (headers['if-none-match'] === undefined) return 'pass';
      const ended = before;
      before = new Promise((resolve) => response.once('close', resolve));
      await ended;
      return 'pass';
    });
    const results = [0, 1].map(async (i) => {
      const content = contentOf(bytes(i));
      const args = [staged(bytes(i), `staged-${i}`), content.sha256, String(content.bytes)];
      const { stdout } = await promisify(execFile)(process.execPath, child(fair.url, ...args));
      return stdout;
    });
    return Promise.all(results).finally(fair.close);
  };

  it.each(['one piece', 'parts'])('two writers of one shard, in %s', async (how) => {
    const bytes = (seed: number) => (how === 'parts' ? big(seed) : Buffer.from(`shard ${seed}`));
    const equal = await race(() => bytes(4));
    expect(equal.filter((result) => !['written', 'same'].includes(result))).toEqual([]);
    expect(await storedDigest(store, 'a/b.tar')).toEqual(contentOf(bytes(4)));
    await store.remove('a/b.tar');
    const unequal = await race(bytes);
    expect(unequal.filter((result) => result === 'written')).toHaveLength(1);
    const kept = contentOf(bytes(unequal.indexOf('written')));
    expect(await storedDigest(store, 'a/b.tar')).toEqual(kept);
    const told = unequal.find((result) => result !== 'written');
    expect(told).toContain('another file of this name is there');
    expect(told).toContain(kept.sha256);
    expect([await uploads(), (await store.list()).map((f) => f.path)]).toEqual([[], ['a/b.tar']]);
  });

  it('the upload of a writer that was killed is abandoned by the one that does its work', async () => {
    const bytes = big(5);
    const [reached, started] = latch();
    const stuck = await proxy((request) => {
      if (!/uploadId=.*&?/.test(request.url as string) || request.method !== 'POST') return 'pass';
      started();
      return 'hang'; // all parts are there, and the last request never arrives
    });
    const content = contentOf(bytes);
    const args = [staged(bytes, 'other'), content.sha256, String(content.bytes)];
    const writer = spawn(process.execPath, child(stuck.url, ...args), { stdio: 'ignore' });
    const ended = once(writer, 'exit');
    await reached;
    writer.kill('SIGKILL');
    await ended;
    stuck.close();
    expect([await uploads(), await store.stat('a/b.tar')]).toEqual([['data/set/a/b.tar'], undefined]);
    expect(await commit('a/b.tar', bytes)).toBe('written');
    expect(await uploads()).toEqual([]);
    expect(await storedDigest(store, 'a/b.tar')).toEqual(content);
  });

  it.each(['one piece', 'parts'])(
    'a writer whose last request comes too late is told, in %s',
    async (how) => {
      const bytes = (seed: number) => (how === 'parts' ? big(seed) : Buffer.from(`shard ${seed}`));
      const last = how === 'parts' ? /^POST .*uploadId=/ : /^PUT .*a.tar/;
      for (const equal of [true, false]) {
        const [atLast, reached] = latch();
        const [other, go] = latch();
        const slow = await proxy(async ({ method, url, headers }): Promise<'pass'> => {
          if (!last.test(`${method} ${url}`) || headers['if-none-match'] === undefined) return 'pass';
          reached();
          await other;
          return 'pass';
        });
        const late = await openS3Store(slow.url, PART);
        const mine = bytes(equal ? 7 : 8);
        const result = late.commit('a.tar', staged(mine, 'late'), contentOf(mine)).catch((e) => e.message);
        await atLast;
        expect(await store.stat('a.tar')).toBeUndefined();
        expect(await commit('a.tar', bytes(7))).toBe('written');
        go();
        if (equal) expect(await result).toBe('same');
        else expect(await result).toMatch(/another file of this name is there/);
        expect(await storedDigest(store, 'a.tar')).toEqual(contentOf(bytes(7)));
        expect(await uploads()).toEqual([]);
        await store.remove('a.tar');
        late.dispose();
        slow.close();
      }
    },
  );

  it('the upload of a duplicate writer that was killed is abandoned by tidy', async () => {
    const bytes = big(9);
    const content = contentOf(bytes);
    const [beginning, looked] = latch();
    const [ending, sent] = latch();
    const [written, begin] = latch();
    const slow = await proxy(async ({ method, url }) => {
      if (method !== 'POST') return 'pass';
      if (/uploadId=/.test(`${url}`)) {
        sent();
        return 'hang';
      }
      looked(); // it has seen that no such file is there, and begins its upload after the file has come
      await written;
      return 'pass';
    });
    const args = [staged(bytes, 'other'), content.sha256, String(content.bytes)];
    const writer = spawn(process.execPath, child(slow.url, ...args), { stdio: 'ignore' });
    const ended = once(writer, 'exit');
    await beginning;
    expect(await commit('a/b.tar', bytes)).toBe('written');
    begin();
    await ending;
    writer.kill('SIGKILL');
    await ended;
    slow.close();
    expect(await uploads()).toEqual(['data/set/a/b.tar']);
    const finished = [{ path: 'a/b.tar', bytes: bytes.length }];
    expect(await store.tidy(finished)).toEqual({ removed: 1 });
    expect(await uploads()).toEqual([]);
    expect(await store.tidy(finished)).toEqual({ removed: 0 });
    expect(await storedDigest(store, 'a/b.tar')).toEqual(content);
  });

  it('a writer whose upload is abandoned by tidy finds its file there', async () => {
    const bytes = big(10);
    const [atLast, reached] = latch();
    const [tidied, go] = latch();
    const slow = await proxy(async ({ method, url }): Promise<'pass'> => {
      if (method !== 'PUT' || !/partNumber=3/.test(`${url}`)) return 'pass';
      reached();
      await tidied;
      return 'pass';
    });
    const late = await openS3Store(slow.url, PART);
    const result = late.commit('a.tar', staged(bytes, 'late'), contentOf(bytes));
    await atLast;
    // By a writer that may not list uploads, so that this one stays open.
    const blind = await proxy(({ method, url }) =>
      method === 'GET' && /uploads/.test(`${url}`) ? 403 : 'pass',
    );
    const first = await openS3Store(blind.url, PART);
    expect(await first.commit('a.tar', staged(bytes, 'first'), contentOf(bytes))).toBe('written');
    expect(await uploads()).toEqual(['data/set/a.tar']);
    expect(await store.tidy([{ path: 'a.tar', bytes: bytes.length }])).toEqual({ removed: 1 });
    go();
    expect(await result).toBe('same');
    expect(await uploads()).toEqual([]);
    for (const one of [late, first]) one.dispose();
    for (const one of [slow, blind]) one.close();
  });

  const openAt = async (...keys: string[]) => {
    const { sdk, client } = await openS3('test', parseS3('test', url));
    const { bucket } = parseS3('test', url);
    for (const key of keys)
      await client.send(new sdk.CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
    client.destroy();
  };

  it('tidy abandons uploads of the files that it is given, and no other', async () => {
    const others = ['data/set/b/d', 'data/set/c', 'data/setting', 'other'];
    await openAt('data/set/a', 'data/set/b/c', 'data/set/b/c', ...others);
    const large = (path: string) => ({ path, bytes: PART + 1 });
    const small = { path: 'c', bytes: PART }; // this one is no upload in parts, so it is somebody else's
    expect(await store.tidy([large('a'), large('b/c'), small])).toEqual({ removed: 3 });
    expect((await uploads()).sort()).toEqual(others);
  });

  it('tidy says what it may not do, and fails at nothing', async () => {
    await openAt('data/set/a', 'data/set/a', 'data/set/b');
    const finished = ['a', 'b', 'c'].map((path) => ({ path, bytes: PART + 1 }));
    const cases = [
      [
        ({ method, url }: { method?: string; url?: string }) => method === 'GET' && /uploads/.test(`${url}`),
        'uploads that killed writers left open, of 3 files, could not be looked for (access is denied, AccessDenied); allow s3:ListBucketMultipartUploads, or give the bucket a lifecycle rule with AbortIncompleteMultipartUpload, for the parts of such uploads are stored and paid for',
      ],
      [
        ({ method, url }: { method?: string; url?: string }) =>
          method === 'DELETE' && /uploadId/.test(`${url}`),
        '3 of 3 uploads that killed writers left open could not be abandoned (access is denied, AccessDenied); allow s3:AbortMultipartUpload, or give the bucket a lifecycle rule with AbortIncompleteMultipartUpload, for the parts of such uploads are stored and paid for',
      ],
    ] as const;
    for (const [denied, said] of cases) {
      const server = await proxy((request) => (denied(request) ? 403 : 'pass'));
      const behind = await openS3Store(server.url, PART);
      expect(await behind.tidy(finished)).toEqual({ removed: 0, left: `${store.name}: ${said}` });
      // Nothing went up in parts, so nothing can be left.
      expect(await behind.tidy([{ path: 'a', bytes: PART }])).toEqual({ removed: 0 });
      behind.dispose();
      server.close();
    }
    expect(await uploads()).toHaveLength(3);
  });

  it('tidy removes objects on which the server was tried, once they are old', async () => {
    await store.replace('conditional.txt', Buffer.of(1));
    const { sdk, client } = await openS3('test', parseS3('test', url));
    const { bucket } = parseS3('test', url);
    const key = 'data/set/conditional.rxaug-00000000-0-12345678.tmp';
    await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    expect(await store.tidy([])).toEqual({ removed: 0 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3_600_000 });
    try {
      expect(await store.tidy([])).toEqual({ removed: 1 });
    } finally {
      vi.useRealTimers();
    }
    const { KeyCount, Contents } = await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket }));
    expect([KeyCount, Contents?.[0]?.Key]).toEqual([1, 'data/set/conditional.txt']);
    client.destroy();
  });

  it.each(['one piece', 'parts'])('409 is tried again, in %s', async (how) => {
    let left = 1;
    const busy = await proxy((request) => {
      const last = how === 'parts' ? request.method === 'POST' && /uploadId=/.test(`${request.url}`) : true;
      const conditional = request.headers['if-none-match'] !== undefined && last;
      if (!conditional || /conditional/.test(`${request.url}`) || left-- <= 0) return 'pass';
      return 409;
    });
    const behind = await openS3Store(busy.url, PART);
    const bytes = how === 'parts' ? big(6) : Buffer.from('x');
    expect(await behind.commit('a', staged(bytes), contentOf(bytes))).toBe('written');
    expect(left).toBe(-1);
    expect(await storedDigest(store, 'a')).toEqual(contentOf(bytes));
    expect(await uploads()).toEqual([]);
    behind.dispose();
    busy.close();
  });

  it.each([
    ['fails', 503],
    ['breaks off connections', 'broken'],
  ] as const)('a server that %s for a while is waited for', async (_, how) => {
    let away = 0;
    const troubled = await proxy((request) => {
      if (away === 0) return 'pass';
      away--;
      if (how === 503) return 503;
      request.socket.destroy();
      return 'hang';
    });
    const behind = await openStore(troubled.url);
    expect(await behind.list()).toEqual([]);
    for (const step of [
      () => behind.commit('a', staged('x'), contentOf('x')),
      () => behind.stat('a'),
      () => behind.list(),
      () => behind.read('a'),
      () => behind.replace('b', Buffer.of(1)),
    ]) {
      away = 4; // more than the client's own tries
      await step();
      expect(away).toBe(0);
    }
    behind.dispose();
    troubled.close();
  });

  it('an answer that breaks off is read again, and never taken for whole', async () => {
    await store.replace('a', Buffer.from('abcdefgh'));
    let cuts = 2;
    const cutting = await proxy((request) => (request.method === 'GET' && cuts-- > 0 ? 'cut' : 'pass'));
    const behind = await openStore(cutting.url);
    expect(Buffer.from(await behind.read('a')).toString()).toBe('abcdefgh');
    expect(cuts).toBe(-1);
    behind.dispose();
    cutting.close();
  });

  it('refuses a server that does not keep to If-None-Match', async () => {
    const careless = await proxy((request) => {
      delete request.headers['if-none-match'];
      return 'pass';
    });
    const behind = await openStore(careless.url);
    await expect(behind.commit('a', staged('x'), contentOf('x'))).rejects.toThrow(
      /does not keep to If-None-Match, so writers could overwrite/,
    );
    expect(await store.list()).toEqual([]);
    behind.dispose();
    careless.close();
  });

  it('says in one sentence what is wrong, and prints no secret', async () => {
    const nowhere = await openStore(moto.url('no-such-bucket/x'));
    await expect(nowhere.commit('a', staged('x'), contentOf('x'))).rejects.toThrow(
      /^s3:\/\/no-such-bucket\/x\/a: there is no such bucket \(NoSuchBucket\); check its name/,
    );
    const refusing = await openStore('s3://bucket/x?endpoint=http://127.0.0.1:9');
    // It has never answered, so it is not waited for.
    await expect(refusing.list()).rejects.toThrow(
      expect.objectContaining({
        constructor: AwayError,
        message: expect.stringContaining('nothing answers at the endpoint'),
      }),
    );
    await expect(openStore(`s3://me:${randomBytes(4).toString('hex')}@bucket/x`)).rejects.toThrow(
      'store: a URL of S3 holds a user or password; remove it, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    );
    await expect(openStore('s3://')).rejects.toThrow(/names no bucket/);
    await expect(openStore('s3://bucket/x?endpoint=ftp://host')).rejects.toThrow(/endpoint is no http/);
    await expect(openStore('s3://bucket/x?region=eu-west-1&secret=x')).rejects.toThrow(/received secret/);
    const denied = await proxy(() => 403);
    const behind = await openStore(denied.url);
    const said: Error = await behind.replace('a', Buffer.of(1)).catch((e) => e);
    expect(said.message).toMatch(
      /a: access is denied \(AccessDenied\); check the credentials and the bucket's policy$/,
    );
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = credentials;
    for (const secret of [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY])
      expect(util.inspect(said, { depth: 9 })).not.toContain(secret);
    behind.dispose();
    denied.close();
    nowhere.dispose();
    refusing.dispose();
  });
});
