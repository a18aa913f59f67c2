/** When npm ci is needed, and when it would only take time. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript
import { areCurrent, ensureDependencies, missingTools } from '../../scripts/setup/dependencies.mjs';

const lock = {
  '': { optionalDependencies: { native: '1.0.0' } },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/native': { version: '1.0.0', optional: true },
  'node_modules/native-darwin': { version: '1.0.0', optional: true },
};
type Packages = Record<string, object>;

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-npm-'));
  fs.mkdirSync(path.join(root, 'node_modules'));
});
afterEach(() => fs.rmSync(root, { recursive: true }));

function write(wanted: Packages, present: Packages | undefined): void {
  fs.writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (!present) return;
  const { '': _, ...installed } = present;
  const file = path.join(root, 'node_modules', '.package-lock.json');
  fs.writeFileSync(file, JSON.stringify({ packages: installed }));
  for (const place of Object.keys(installed)) {
    fs.mkdirSync(path.join(root, place), { recursive: true });
    fs.writeFileSync(path.join(root, place, 'package.json'), '{}');
  }
}

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(lock).filter(([name]) => !names.includes(name)));

it.each<[string, Packages | undefined, boolean]>([
  ['all is there', lock, true],
  ['nothing was installed, or npm broke off', undefined, false],
  ['a package is missing', without('node_modules/a'), false],
  ['a package is of another version', { ...lock, 'node_modules/a': { version: '1.0.1' } }, false],
  ['what is for another platform is missing', without('node_modules/native-darwin'), true],
  ['what we name as optional ourselves is missing', without('node_modules/native'), false],
])('%s', (_, present, current) => {
  write(lock, present);
  expect(areCurrent(root)).toBe(current);
});

it('row 19: every package that npm ci fetches is pinned by SHA-512, and none runs a script', async () => {
  const { packages } = JSON.parse(
    fs.readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  ) as { packages: Record<string, { integrity?: string; link?: boolean }> };
  const fetched = Object.entries(packages).filter(([place]) => place !== '');
  expect(fetched.length).toBeGreaterThan(100);
  expect(fetched.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([]);

  const [call] = await asked({});
  expect(call?.[0]).toBe('ci');
  expect(call).toContain('--ignore-scripts');
});

/** How `ensureDependencies` calls npm, for which a stand-in writes it down. */
async function asked(options: { optional?: boolean }): Promise<string[][]> {
  const npm = path.join(root, 'npm.js');
  const calls = path.join(root, 'calls.txt');
  fs.rmSync(calls, { force: true });
  fs.writeFileSync(
    npm,
    `require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(process.argv.slice(2)) + '\\n')`,
  );
  vi.stubEnv('npm_execpath', npm);
  vi.stubEnv('npm_config_ignore_scripts', 'false');
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    write(lock, undefined);
    await ensureDependencies(root, options);
  } finally {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }
  return fs
    .readFileSync(calls, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('without the optional packages', () => {
  it('areCurrent does not ask for those that we name ourselves', () => {
    write(lock, without('node_modules/native'));
    expect(areCurrent(root, { optional: false })).toBe(true);
    write({ ...lock, 'node_modules/b': { version: '1.0.0' } }, without('node_modules/native'));
    expect(areCurrent(root, { optional: false })).toBe(false);
  });

  const tools = {
    '': {},
    'node_modules/builder': {
      version: '7.0.0',
      dev: true,
      optionalDependencies: {
        'builder-linux': '7.0.0',
        'builder-musl': '7.0.0',
        'builder-mac': '7.0.0',
        extra: '1.0.0',
      },
    },
    'node_modules/builder-linux': {
      version: '7.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['glibc'],
    },
    'node_modules/builder-musl': {
      version: '7.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    },
    'node_modules/builder-mac': { version: '7.0.0', dev: true, optional: true, os: ['darwin'], cpu: ['x64'] },
    'node_modules/extra': { version: '1.0.0', dev: true, optional: true },
    'node_modules/decoder': { version: '2.0.0', optionalDependencies: { 'decoder-linux': '2.0.0' } },
    'node_modules/decoder-linux': { version: '2.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
  };
  const linux = { os: 'linux', cpu: 'x64', libc: 'glibc' };

  it('missingTools names the binaries of development tools for this platform alone', () => {
    expect(missingTools(tools, root, linux)).toEqual(['builder-linux@7.0.0']);
    expect(missingTools(tools, root, { os: 'darwin', cpu: 'x64' })).toEqual(['builder-mac@7.0.0']);
    expect(missingTools(tools, root, { os: 'win32', cpu: 'x64' })).toEqual([]);
    const home = path.join(root, 'node_modules', 'builder-linux');
    fs.mkdirSync(home);
    fs.writeFileSync(path.join(home, 'package.json'), '{}');
    expect(missingTools(tools, root, linux)).toEqual([]);
  });

  it('ensureDependencies asks npm for everything but them, and runs no script', async () => {
    expect((await asked({ optional: false }))[0]).toEqual(
      expect.arrayContaining(['ci', '--include=dev', '--omit=optional', '--ignore-scripts']),
    );
    expect((await asked({}))[0]).toEqual(
      expect.arrayContaining(['ci', '--include=optional', '--ignore-scripts']),
    );
  });
});
