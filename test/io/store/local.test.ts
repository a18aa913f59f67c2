/** The store in a local folder: whole files or none, no file overwritten, whatever stops it. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storedDigest } from '../../../src/io/store/digests.js';
import { openStore } from '../../../src/io/store/open-store.js';
import type { Store } from '../../../src/io/store/store.js';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-store-'));
  store = await openStore(path.join(folder, 'out'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const contentOf = (bytes: string | Uint8Array) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: Buffer.byteLength(bytes as string),
});
function staged(bytes: string | Uint8Array, name = 'staged'): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return file;
}
const commit = (name: string, bytes: string) => store.commit(name, staged(bytes), contentOf(bytes));
const filesIn = (dir: string) =>
  fs.existsSync(dir) ? (fs.readdirSync(dir, { recursive: true }) as string[]).sort() : [];

describe('commit', () => {
  it('moves the staged file, and says so of a second one that is equal', async () => {
    expect(await commit('train/train-000000.tar', 'shard')).toBe('written');
    expect(fs.existsSync(path.join(folder, 'staged'))).toBe(false);
    expect(await commit('train/train-000000.tar', 'shard')).toBe('same');
    expect(filesIn(folder)).toEqual(['out', 'out/train', 'out/train/train-000000.tar']);
    expect(Buffer.from(await store.read('train/train-000000.tar')).toString()).toBe('shard');
  });

  it('refuses another file of the name, keeps both, and names both', async () => {
    await commit('a.tar', 'first');
    const error = await commit('a.tar', 'second').catch((e: Error) => e);
    expect((error as Error).message).toContain(contentOf('first').sha256);
    expect((error as Error).message).toContain(contentOf('second').sha256);
    expect(Buffer.from(await store.read('a.tar')).toString()).toBe('first');
    expect(fs.readFileSync(path.join(folder, 'staged'), 'utf8')).toBe('second');
    expect(filesIn(path.join(folder, 'out'))).toEqual(['a.tar']);
  });

  it('refuses a staged file that is absent, cut short or under a wrong digest', async () => {
    const whole = contentOf('whole');
    await expect(store.commit('a', path.join(folder, 'none'), whole)).rejects.toThrow(
      /staged file .*none is not there; write it again/,
    );
    await expect(store.commit('a', staged('who'), whole)).rejects.toThrow(/has 3 bytes and not 5/);
    await expect(store.commit('a', staged('x'), { sha256: 'x', bytes: 1 })).rejects.toThrow(/SHA-256/);
    expect(await store.stat('a')).toBeUndefined();
  });

  it('refuses a folder or a link under the final name', async () => {
    fs.mkdirSync(path.join(folder, 'out', 'a'), { recursive: true });
    await expect(commit('a', 'x')).rejects.toThrow(/no plain file/);
    fs.symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'out', 'b'));
    await expect(commit('b', 'x')).rejects.toThrow(/no plain file/);
    expect(fs.readFileSync(path.join(folder, 'staged'), 'utf8')).toBe('x');
  });

  it('a writer that goes on writing to the staged name cannot reach the finished file', async () => {
    const file = staged('whole');
    await store.commit('a', file, contentOf('whole'));
    fs.writeFileSync(file, 'late');
    expect(Buffer.from(await store.read('a')).toString()).toBe('whole');
  });
});

it.each(['', '/a', '../a', 'a/../b', 'a//b', './a', 'a\\b', 'C:a', 'a\0', 'a\nb', 'a.', 'x'.repeat(801)])(
  'refuses the path %j everywhere',
  async (name) => {
    const calls = [
      () => store.commit(name, staged('x'), contentOf('x')),
      () => store.replace(name, Buffer.from('x')),
      () => store.read(name),
      () => store.stat(name),
      () => store.remove(name),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(/^store: path /);
    expect(filesIn(path.join(folder, 'out'))).toEqual([]);
  },
);

describe('other calls', () => {
  it('replace, read by range, stat, list, remove', async () => {
    await store.replace('manifest.json', Buffer.from('one'));
    await store.replace('manifest.json', Buffer.from('three'));
    expect(Buffer.from(await store.read('manifest.json')).toString()).toBe('three');
    expect(Buffer.from(await store.read('manifest.json', { offset: 1, length: 3 })).toString()).toBe('hre');
    expect(Buffer.from(await store.read('manifest.json', { offset: 5 }))).toHaveLength(0);
    await expect(store.read('manifest.json', { offset: 3, length: 3 })).rejects.toThrow(/has 5 bytes, and 6/);
    await expect(store.read('manifest.json', { offset: 6 })).rejects.toThrow(/has 5 bytes, and 6/);
    await expect(store.read('none')).rejects.toThrow(/there is no such file/);
    expect(await store.stat('manifest.json')).toEqual({ path: 'manifest.json', bytes: 5 });
    expect(await store.stat('manifest.json/deeper')).toBeUndefined();
    await store.replace('train/b', Buffer.from(''));
    await store.replace('train/a', Buffer.from('a'));
    await store.replace('trail', Buffer.from('a'));
    expect((await store.list()).map((f) => f.path)).toEqual(['manifest.json', 'trail', 'train/a', 'train/b']);
    expect((await store.list('train/')).map((f) => f.path)).toEqual(['train/a', 'train/b']);
    expect((await store.list('tra')).map((f) => f.path)).toEqual(['trail', 'train/a', 'train/b']);
    expect(await store.list('none/')).toEqual([]);
    await expect(store.list('../')).rejects.toThrow(/^store: path /);
    expect(await storedDigest(store, 'manifest.json')).toEqual(contentOf('three'));
    await store.remove('manifest.json');
    await store.remove('manifest.json');
    expect(await store.stat('manifest.json')).toBeUndefined();
  });

  it('a store that is not there yet is empty', async () => {
    expect(await store.list()).toEqual([]);
    expect(await store.tidy([])).toEqual({ removed: 0 });
    expect(fs.existsSync(path.join(folder, 'out'))).toBe(false);
  });

  it('opens paths and file: URLs, and refuses what cannot be written to', async () => {
    expect((await openStore(`file://${folder}`)).name).toBe(folder);
    await expect(openStore('https://example.org/a')).rejects.toThrow(/cannot be written to https:\/\/ URLs/);
    await expect(openStore('')).rejects.toThrow(/expected a folder or an s3:\/\/ URL/);
  });
});

/** Runs a script against the built library, in a process of its own. */
const LIBRARY = fileURLToPath(new URL('../../../dist/io/store/open-store.js', import.meta.url));
const child = (script: string, ...args: string[]) => [
  '--input-type=module',
  '-e',
  `const [library, out, staged, sha256, bytes, point] = process.argv.slice(1); ${script}`,
  LIBRARY,
  path.join(folder, 'out'),
  ...args,
];
const commits = `
  const { openStore } = await import(library);
  const store = await openStore(out);
  const result = await store.commit('a/b.tar', staged, { sha256, bytes: Number(bytes) }).catch((e) => e.message);
  process.stdout.write(result);`;

describe('several processes', () => {
  const race = (bytes: (i: number) => string) =>
    Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const content = contentOf(bytes(i));
        const args = [staged(bytes(i), `staged-${i}`), content.sha256, String(content.bytes)];
        const { stdout } = await promisify(execFile)(process.execPath, child(commits, ...args));
        return stdout;
      }),
    );

  it('that commit equal files of one name at once: one writes, the others find it', async () => {
    const results = await race(() => 'equal'.repeat(1000));
    expect(results.sort()).toEqual(['same', 'same', 'same', 'written']);
    expect(filesIn(folder)).toEqual(['out', 'out/a', 'out/a/b.tar']);
  });

  it('that commit different files: one writes, all others are told', async () => {
    const results = await race((i) => `different ${i}`);
    expect(results.filter((r) => r === 'written')).toHaveLength(1);
    const kept = fs.readFileSync(path.join(folder, 'out', 'a', 'b.tar'), 'utf8');
    expect(results[Number(kept.at(-1))]).toBe('written');
    for (const told of results.filter((r) => r !== 'written')) {
      expect(told).toContain('another file of this name is there');
      expect(told).toContain(contentOf(kept).sha256);
    }
    expect(filesIn(path.join(folder, 'out'))).toEqual(['a', 'a/b.tar']);
  });
});

describe('killed in the middle', () => {
  // The process ends itself before or after a call that commit makes.
  const killed = `
    const { createRequire, syncBuiltinESMExports } = await import('node:module');
    const [name, when] = point.split(' ');
    const promises = createRequire(import.meta.url)('node:fs/promises');
    const real = promises[name];
    const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); };
    promises[name] = async (...args) => {
      if (when === 'before') die();
      await real(...args);
      die();
    };
    syncBuiltinESMExports();
    ${commits}`;

  it.each([
    ['rename before', false],
    ['rename after', false],
    ['link before', false],
    ['link after', true],
  ])('%s: the file is there whole or not at all, and the next run ends the same', async (point, there) => {
    const content = contentOf('shard');
    const args = [staged('shard'), content.sha256, '5', point];
    const { signal, stdout } = spawnSync(process.execPath, child(killed, ...args), { encoding: 'utf8' });
    expect([signal, stdout]).toEqual(['SIGKILL', '']);
    expect((await store.list()).map((f) => f.path)).toEqual(there ? ['a/b.tar'] : []);
    if (there) expect(await storedDigest(store, 'a/b.tar')).toEqual(content);
    expect(await store.commit('a/b.tar', staged('shard'), content)).toBe(there ? 'same' : 'written');
    await store.tidy([]);
    expect(filesIn(folder)).toEqual(['out', 'out/a', 'out/a/b.tar']);
  });

  it('a file system without hard links takes files too, and no second one of a name', async () => {
    const noLinks = `
      const { createRequire, syncBuiltinESMExports } = await import('node:module');
      createRequire(import.meta.url)('node:fs/promises').link = async () => {
        throw Object.assign(new Error('no links here'), { code: 'EPERM' });
      };
      syncBuiltinESMExports();
      ${commits}`;
    const run = (bytes: string) => {
      const { sha256 } = contentOf(bytes);
      const args = child(noLinks, staged(bytes), sha256, String(bytes.length));
      return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout;
    };
    expect([run('shard'), run('shard')]).toEqual(['written', 'same']);
    expect(run('other')).toContain('another file of this name is there');
    expect(filesIn(folder)).toEqual(['out', 'out/a', 'out/a/b.tar', 'staged']);
  });

  it('tidy removes what dead processes left, and nothing of live ones', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await commit('a/b.tar', 'x');
    const { temporaryName } = await import('../../../src/core/files/temporary-file.js');
    const live = temporaryName(path.join(folder, 'out', 'a', 'c.tar'));
    fs.writeFileSync(live, '');
    fs.writeFileSync(live.replace(`-${process.pid}-`, `-${pid}-`), '');
    expect(await store.tidy([])).toEqual({ removed: 1 });
    expect(fs.existsSync(live)).toBe(true);
    expect((await store.list()).map((f) => f.path)).toEqual(['a/b.tar']);
  });
});

describe('a disk that is full or read-only', () => {
  const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-disk-'));
  const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
  const mounted = mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk);
  if (mounted) spawnSync('umount', [disk]);
  afterAll(() => fs.rmdirSync(disk));
  const why = mounted ? '' : ' (skipped: a small disk cannot be mounted here)';

  it.skipIf(!mounted)(`full: the staged file stays and nothing else does${why}`, async () => {
    mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk);
    try {
      const small = await openStore(disk);
      await small.replace('manifest.json', Buffer.from('old'));
      const big = Buffer.alloc(1 << 20, 7);
      await expect(small.commit('a', staged(big), contentOf(big))).rejects.toThrow(
        /no space is left .*ENOSPC/,
      );
      await expect(small.replace('manifest.json', big)).rejects.toThrow(/no space is left .*ENOSPC/);
      expect(fs.readFileSync(path.join(folder, 'staged'))).toHaveLength(big.length);
      expect(filesIn(disk)).toEqual(['manifest.json']);
      expect(Buffer.from(await small.read('manifest.json')).toString()).toBe('old');
      // With room, from another disk.
      expect(await small.commit('a', staged('fits'), contentOf('fits'))).toBe('written');
      expect(fs.existsSync(path.join(folder, 'staged'))).toBe(false);
      // Bytes that changed on their way.
      await expect(small.commit('b', staged('wrong'), contentOf('right'))).rejects.toThrow(
        /does not hold what/,
      );
      expect(filesIn(disk)).toEqual(['a', 'manifest.json']);
      mount('-o', 'remount,ro', disk);
      await expect(small.commit('c', staged('x'), contentOf('x'))).rejects.toThrow(/read-only, EROFS/);
      await expect(small.remove('a')).rejects.toThrow(/cannot be removed/);
      expect(fs.readFileSync(path.join(folder, 'staged'), 'utf8')).toBe('x');
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('a limit on the size of files ends a write in a sentence, and the old file stays', async () => {
    await store.replace('manifest.json', Buffer.from('old'));
    const script = `
      const { openStore } = await import(library);
      const store = await openStore(out);
      process.stdout.write(await store.replace('manifest.json', Buffer.alloc(1 << 20)).catch((e) => e.message));`;
    const args = child(script).map((arg) => `'${arg.replaceAll("'", "'\\''")}'`);
    const limited = `ulimit -f 64; exec '${process.execPath}' ${args.join(' ')}`;
    const { stdout, stderr } = spawnSync('sh', ['-c', limited], { encoding: 'utf8' });
    expect(stdout, stderr).toMatch(/larger than a file may be, EFBIG\); raise the limit/);
    expect(filesIn(path.join(folder, 'out'))).toEqual(['manifest.json']);
    expect(Buffer.from(await store.read('manifest.json')).toString()).toBe('old');
  });

  it.skipIf(process.getuid?.() === 0)('a folder without permission is named', async () => {
    fs.mkdirSync(path.join(folder, 'out'));
    fs.chmodSync(path.join(folder, 'out'), 0o555);
    await expect(commit('a', 'x')).rejects.toThrow(/permission is denied/);
    expect(fs.readFileSync(path.join(folder, 'staged'), 'utf8')).toBe('x');
  });
});
