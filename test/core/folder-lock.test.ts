/** A folder has one writer: living ones are respected, dead ones are not, and of many at once exactly one gets it. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { lockFolder } from '../../src/core/files/folder-lock.js';
import { HOST, lifeOf } from '../../src/core/files/process-owner.js';
import { UsageError } from '../../src/core/index.js';

const base = mkdtempSync(path.join(tmpdir(), 'rxaug-lock-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let dir: string;
beforeEach(() => {
  dir = path.join(mkdtempSync(path.join(base, 'test-')), 'out');
});

const locks = () => readdirSync(dir).filter((name) => name.startsWith('.rxaug-lock-'));

/** The lock of another process, as it would write it. */
function leave({ host = HOST, pid = process.pid, life = lifeOf(pid), about = '' }): string {
  lockFolder(dir, 'test').dispose(); // makes the folder
  const file = path.join(dir, `.rxaug-lock-${host}-${pid}-${life}-00c0ffee`);
  writeFileSync(file, about);
  return file;
}

test('a folder is made, taken and let go of', () => {
  const lock = lockFolder(dir, 'search');
  expect(lock.isStillOurs()).toBe(true);
  expect(locks()).toHaveLength(1);
  const about = JSON.parse(readFileSync(path.join(dir, locks()[0] as string), 'utf8'));
  expect(about).toMatchObject({ what: 'search', pid: process.pid });
  lock.dispose();
  lock.dispose();
  expect(lock.isStillOurs()).toBe(false);
  expect(locks()).toEqual([]);
});

test('a second one is refused and says who has it', () => {
  using first = lockFolder(dir, 'prepare');
  expect(() => lockFolder(dir, 'search')).toThrow(UsageError);
  expect(() => lockFolder(dir, 'search')).toThrow(
    /^search: expected .*out for this process alone but this process \(\d+\) \(prepare\) since 2\S+Z works in it; wait until it is done, end it, or choose another folder$/,
  );
  expect(first.isStillOurs()).toBe(true);
  first.dispose();
  lockFolder(dir, 'search').dispose();
});

test('who removes the lock or the folder takes it away', () => {
  using lock = lockFolder(dir, 'search');
  rmSync(dir, { recursive: true });
  expect(lock.isStillOurs()).toBe(false);
  using next = lockFolder(dir, 'search');
  expect([lock.isStillOurs(), next.isStillOurs()]).toEqual([false, true]);
});

test('the lock of a dead process is taken over', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const file = leave({ pid, life: '12345678' });
  using lock = lockFolder(dir, 'search');
  expect([lock.isStillOurs(), existsSync(file)]).toEqual([true, false]);
});

test('a process id that is used again is not the process that had it', () => {
  leave({ pid: process.pid, life: '12345678' });
  const tells = existsSync('/proc/self/stat');
  if (tells) lockFolder(dir, 'search').dispose();
  else expect(() => lockFolder(dir, 'search')).toThrow(/works in it/);
});

test('the lock of a living process stays, also an empty one and an old one', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], { stdio: 'pipe' });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const file = leave({ pid: child.pid });
    utimesSync(file, 1000, 1000);
    expect(() => lockFolder(dir, 'search')).toThrow(new RegExp(`but process ${child.pid} works in it`));
    expect(existsSync(file)).toBe(true);
  } finally {
    child.kill();
  }
});

test('a process of another machine counts as dead after five minutes without a sign of life', () => {
  const file = leave({ host: '00000000', pid: 7, about: '{"what":"search","host":"\\u001bbox"}' });
  const ago = (seconds: number) => {
    const then = Date.now() / 1000 - seconds;
    utimesSync(file, then, then);
  };
  ago(240);
  expect(() => lockFolder(dir, 'search')).toThrow(
    /process 7 of machine \P{Cc}*box \(search\) works in it; .*remove .*00c0ffee if that process is dead/u,
  );
  ago(360);
  using lock = lockFolder(dir, 'search');
  expect([lock.isStillOurs(), existsSync(file)]).toEqual([true, false]);
});

test('of many processes at once exactly one gets it', async () => {
  const module = path.join(base, 'lock.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/core/files/folder-lock.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: module,
    logLevel: 'error',
  });
  const code = `
    const { lockFolder } = await import(${JSON.stringify(module)});
    process.stdout.write('r');
    await new Promise((go) => process.stdin.once('data', go));
    try {
      const lock = lockFolder(${JSON.stringify(dir)}, 'search');
      process.stdout.write(lock.isStillOurs() ? 'y' : 'l');
    } catch (error) {
      process.stdout.write(error.name === 'UsageError' ? 'n' : error.message);
    }
    process.stdin.once('end', () => process.exit());
  `;
  const children = Array.from({ length: 5 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const heard = children.map(() => '');
  const until = (length: number) =>
    Promise.all(
      children.map(
        (child, i) =>
          new Promise<void>((resolve) => {
            const hear = (text: unknown) => {
              heard[i] += text;
              if ((heard[i] as string).length < length) return;
              child.stdout.off('data', hear);
              resolve();
            };
            child.stdout.on('data', hear);
          }),
      ),
    );
  try {
    await until(1);
    const answered = until(2);
    for (const child of children) child.stdin.write('g');
    await answered;
    expect(heard.toSorted()).toEqual(['rn', 'rn', 'rn', 'rn', 'ry']);
  } finally {
    for (const child of children) child.kill();
  }
});
