/** When npm ci is needed, and when it would only take time. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { areCurrent } from '../../scripts/setup/dependencies.mjs';

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
