/** When npm ci is needed, and when it would only take time. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript
import { areCurrent, ensureDependencies } from '../../scripts/setup/dependencies.mjs';

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
    fs.mkdirSync(path.join(root, place));
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

  // A stand-in for npm that writes down how it was called.
  const npm = path.join(root, 'npm.js');
  const asked = path.join(root, 'asked.json');
  fs.writeFileSync(
    npm,
    `require('node:fs').writeFileSync(${JSON.stringify(asked)}, JSON.stringify(process.argv.slice(2)))`,
  );
  vi.stubEnv('npm_execpath', npm);
  vi.stubEnv('npm_config_ignore_scripts', 'false');
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    write(lock, undefined);
    await ensureDependencies(root);
  } finally {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }
  const call = JSON.parse(fs.readFileSync(asked, 'utf8')) as string[];
  expect(call[0]).toBe('ci');
  expect(call).toContain('--ignore-scripts');
});
