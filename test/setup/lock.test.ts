/** Two set-ups at once: one works, the other waits; one that died does not hold anybody up. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript
import { cached, cacheFolder, makeCached } from '../../scripts/setup/cache.mjs';
// @ts-expect-error plain JavaScript
import { withLock } from '../../scripts/setup/lock.mjs';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-lock-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true); // who waits says so
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

it('lets one in at a time, and calls waiting for the others', async () => {
  const lock = path.join(folder, 'deep', 'lock');
  let inside = 0;
  let waited = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside--;
    return 'done';
  };
  const results = await Promise.all([1, 2, 3].map(() => withLock(lock, work, () => waited++)));
  expect(results).toEqual(['done', 'done', 'done']);
  expect(waited).toBe(2);
  expect(fs.existsSync(lock)).toBe(false);
});

it('is released when the work throws', async () => {
  const lock = path.join(folder, 'lock');
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(fs.existsSync(lock)).toBe(false);
});

it('takes over from a process that has died', async () => {
  const lock = path.join(folder, 'lock');
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  fs.mkdirSync(lock);
  fs.writeFileSync(path.join(lock, 'holder'), `${os.hostname()} ${pid}`);
  expect(await withLock(lock, async () => 'mine')).toBe('mine');
});

it('takes over from another machine that no longer touches it', async () => {
  const lock = path.join(folder, 'lock');
  fs.mkdirSync(lock);
  fs.writeFileSync(path.join(lock, 'holder'), 'elsewhere 1');
  const longAgo = new Date(Date.now() - 60_000);
  fs.utimesSync(lock, longAgo, longAgo);
  expect(await withLock(lock, async () => 'mine')).toBe('mine');
});

it('makes an entry once, however many ask', async () => {
  let made = 0;
  const make = async (part: string) => {
    made++;
    fs.writeFileSync(path.join(part, 'library'), 'x');
    return { from: 'test' };
  };
  const entries = await Promise.all([1, 2, 3].map(() => makeCached(folder, 'entry', make)));
  expect(new Set(entries)).toEqual(new Set([path.join(folder, 'entry')]));
  expect(made).toBe(1);
  expect(fs.readdirSync(folder)).toEqual(['entry']);
  expect(JSON.parse(fs.readFileSync(path.join(folder, 'entry', 'origin.json'), 'utf8'))).toEqual({
    from: 'test',
  });
});

it('removes partial entries, also of a set-up that was killed', async () => {
  const broken = makeCached(folder, 'entry', async (part: string) => {
    fs.writeFileSync(path.join(part, 'half'), 'x');
    throw new Error('the network went away');
  });
  await expect(broken).rejects.toThrow('the network went away');
  expect(fs.readdirSync(folder)).toEqual([]);
  fs.mkdirSync(path.join(folder, 'entry.part-99'));
  expect(cached(folder, 'entry')).toBeUndefined();
  await makeCached(folder, 'entry', async () => ({}));
  expect(fs.readdirSync(folder)).toEqual(['entry']);
});

it('the cache is in RXAUG_CACHE, else in XDG_CACHE_HOME, else in the clone', () => {
  const at = (env: object) => cacheFolder('/clone', env);
  expect(at({ RXAUG_CACHE: path.join(folder, 'a'), XDG_CACHE_HOME: folder })).toBe(path.join(folder, 'a'));
  expect(at({ XDG_CACHE_HOME: folder })).toBe(path.join(folder, 'rxaug'));
  fs.writeFileSync(path.join(folder, 'file'), '');
  expect(at({ RXAUG_CACHE: path.join(folder, 'file', 'below') })).toBe(
    path.join('/clone', '.rxaug', 'cache'),
  );
});
