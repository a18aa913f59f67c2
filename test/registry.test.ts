/** The lists of built-in transforms are those that `npm run registry` writes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('scripts/registry.mjs --check finds every transform in the catalog and the index', () => {
  const script = fileURLToPath(new URL('../scripts/registry.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^registry: \d+ transforms\n$/);
  expect(status).toBe(0);
});
