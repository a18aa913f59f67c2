/** The lists of built-in transforms are those that `npm run registry` writes. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from './io/make.js';

const script = fileURLToPath(new URL('../scripts/registry.mjs', import.meta.url));
const dir = scratchFolder();
const check = (file: string) => spawnSync(process.execPath, [file, '--check'], { encoding: 'utf8' });

test('scripts/registry.mjs --check finds every transform in the catalog and the index', () => {
  const { status, stdout, stderr } = check(script);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^registry: \d+ transforms\n$/);
  expect(status).toBe(0);
});

test.each([
  'export const haze = defineTransform<Options>({ name: "haze" });\n',
  'const made = defineTransform({ name: "haze" });\nexport { made as haze };\n',
  'export const haze = defineTransform({ name: "haze" });\nexport const mist = defineTransform({ name: "mist" });\n',
])('scripts/registry.mjs refuses a file whose transform it would leave out: %j', (text) => {
  const copy = path.join(dir, 'scripts', 'registry.mjs');
  cpSync(script, copy);
  for (const kind of ['blur', 'color', 'crop', 'dropout', 'geometric', 'noise', 'weather'])
    mkdirSync(path.join(dir, 'src', 'augment', kind), { recursive: true });
  writeFileSync(path.join(dir, 'src', 'augment', 'weather', 'haze.ts'), text);
  const { status, stderr } = check(copy);
  expect(stderr).toContain('registry: weather/haze.ts: expected one transform');
  expect(status).not.toBe(0);
});
