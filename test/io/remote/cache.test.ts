/** The folder of downloaded files: bounded, and nothing that is in use is removed. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lifeOf } from '../../../src/core/files/process-owner.js';
import { localize } from '../../../src/io/remote/localize.js';
import { isLive, isOfKind, processName } from '../../../src/io/remote/process-names.js';
import { RemoteCache } from '../../../src/io/remote/remote-cache.js';
import { latch } from '../latch.js';
import { Server } from './server.js';

const KB = 1024;
const LIBRARY = fileURLToPath(new URL('../../../dist/io/remote/localize.js', import.meta.url));

let server: Server;
let cache: string;
beforeEach(async () => {
  server = await Server.start();
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-remote-'));
  for (const name of ['a', 'b', 'c', 'd'])
    server.files.set(`/${name}`, { bytes: Buffer.alloc(100 * KB, name), etag: `"${name}"` });
});
afterEach(() => {
  server.stop();
  fs.rmSync(cache, { recursive: true, force: true });
});

const urls = (names: string) => [...names].map((name) => `${server.origin}/${name}`);
const here = () =>
  (fs.readdirSync(cache, { recursive: true }) as string[])
    .map((file) => path.basename(file))
    .filter((file) => /^[a-d]$/.test(file))
    .sort()
    .join('');
const get = (names: string, maxCacheBytes: number) => localize('test', urls(names), { cache, maxCacheBytes });
/** The same in a process that ends, and lets go of what it used. */
const getElsewhere = async (names: string) => {
  const script = `const [library, cache, ...urls] = process.argv.slice(1);
    const { localize } = await import(library);
    await localize('test', urls, { cache });`;
  const args = ['--input-type=module', '-e', script, LIBRARY, cache, ...urls(names)];
  const [code] = await once(spawn(process.execPath, args), 'exit');
  expect(code).toBe(0);
};
/** Sets when an entry was used last. */
const used = (name: string, seconds: number) => {
  const folder = fs
    .readdirSync(cache)
    .map((entry) => path.join(cache, entry))
    .find((entry) => fs.existsSync(path.join(entry, name))) as string;
  fs.utimesSync(folder, seconds, seconds);
};

describe('the bound', () => {
  it('removes what was used least recently', async () => {
    await getElsewhere('abc');
    used('a', 2000);
    used('b', 1000);
    used('c', 3000);
    expect(here()).toBe('abc');
    await get('d', 350 * KB);
    expect(here()).toBe('acd');
    await get('d', 350 * KB);
    expect(here()).toBe('acd');
  });

  it('never removes what this process uses, and says what to do', async () => {
    await get('ab', 250 * KB);
    await expect(get('c', 250 * KB)).rejects.toThrow(/have 3\d+ bytes, and the cache may have 256000; raise/);
    expect(here()).toBe('ab');
  });

  it('never removes what another live process uses', async () => {
    await getElsewhere('ab');
    used('a', 1000);
    used('b', 2000);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e6)'], { stdio: 'ignore' });
    const folder = fs.readdirSync(cache).find((e) => fs.existsSync(path.join(cache, e, 'a'))) as string;
    const life = lifeOf(child.pid as number);
    const marker = processName('use').replace(/-\d+-[0-9a-f]{8}-/, `-${child.pid}-${life}-`);
    fs.writeFileSync(path.join(cache, folder, marker), '');
    used('a', 1000);
    await get('c', 250 * KB);
    expect(here()).toBe('ac');
    child.kill('SIGKILL');
    await once(child, 'exit');
    used('a', 1000);
    await localize('test', urls('d'), { cache, maxCacheBytes: 250 * KB });
    expect(here()).toBe('cd');
  });

  it('counts what is half there, and removes it too', async () => {
    const folder = path.join(cache, '0'.repeat(32));
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, processName('part', { free: true })), Buffer.alloc(100 * KB, 1));
    fs.utimesSync(folder, 1000, 1000);
    await get('ab', 250 * KB);
    expect(fs.existsSync(folder)).toBe(false);
  });

  it('a disk with too little room is told before anything is fetched', () => {
    const free = fs.statfsSync(cache);
    const more = (free.bfree + 1) * free.bsize * 2;
    const room = new RemoteCache(cache, Number.MAX_SAFE_INTEGER);
    expect(() => room.makeRoom([{ folder: 'x', bytes: more }])).toThrow(
      /expected .* of free space but there are/,
    );
  });

  it('sweeps what a killed process had begun to remove', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const away = processName('away').replace(`-${process.pid}-`, `-${pid}-`);
    fs.mkdirSync(path.join(cache, away));
    await get('a', 250 * KB);
    expect(fs.existsSync(path.join(cache, away))).toBe(false);
  });
});

it('a process that is killed in the middle leaves parts that the next one goes on with', async () => {
  const part = 30 * KB;
  const script = `const [library, cache, url] = process.argv.slice(1);
    const { localize } = await import(library);
    await localize('test', [url], { cache, connections: 1 }, { part: ${part} });`;
  const [stuck, reached] = latch();
  server.hook = (request) => {
    if (!request.headers.range?.startsWith(`bytes=${2 * part}-`)) return false;
    reached();
    return true;
  };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, LIBRARY, cache, ...urls('a')]);
  const ended = once(child, 'exit');
  await stuck;
  child.kill('SIGKILL');
  await ended;
  expect(here()).toBe('');
  server.hook = () => false;
  server.seen.length = 0;
  const [file] = await localize('test', urls('a'), { cache }, { part });
  expect(fs.readFileSync(file?.path as string).equals(Buffer.alloc(100 * KB, 'a'))).toBe(true);
  expect(server.ranges.sort()).toEqual([
    `bytes=${2 * part}-${3 * part - 1}`,
    `bytes=${3 * part}-${100 * KB - 1}`,
  ]);
});

it('two processes that fetch one file at once both have it', async () => {
  await Promise.all([getElsewhere('a'), getElsewhere('a'), get('a', 1000 * KB)]);
  expect(here()).toBe('a');
  const left = (fs.readdirSync(cache, { recursive: true }) as string[]).filter((f) => /part-/.test(f));
  expect(left).toEqual([]);
});

it('a cache folder that cannot be made is one sentence', async () => {
  fs.writeFileSync(path.join(cache, 'file'), '');
  await expect(localize('test', urls('a'), { cache: path.join(cache, 'file', 'x') })).rejects.toThrow(
    /the folder cannot be made/,
  );
});

describe('names of processes', () => {
  it('tell the live from the dead', () => {
    const now = Date.now();
    const name = processName('use');
    expect([isOfKind('use', name), isOfKind('part', name), isOfKind('use', 'use-me')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isLive(name, now)).toBe(true);
    expect(isLive(processName('use', { free: true }), now)).toBe(false);
    const pid = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    expect(isLive(name.replace(`-${process.pid}-`, `-${pid}-`), now)).toBe(false);
    const elsewhere = name.replace(/-[0-9a-f]{8}-/, '-00000000-');
    expect([isLive(elsewhere, now), isLive(elsewhere, now - 8 * 86_400_000)]).toEqual([true, false]);
  });
});
