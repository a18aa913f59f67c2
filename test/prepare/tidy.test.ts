/** What writers that were killed left beside finished files is gone at the end, wherever it lies. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { HOST } from '../../src/core/files/process-owner.js';
import { dataset, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-tidy-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('temporary files of a dead process are removed where nothing else is left to write', async () => {
  const out = join(root, 'out');
  await write(join(root, 'a.png'), 1);
  await write(join(root, 'b.png'), 2);
  const source = dataset(root, { 'a.png': 0, 'b.png': 0 }, ['one']);
  await prepareHere({ source }, out);
  const before = readdirSync(out, { recursive: true, encoding: 'utf8' }).sort();
  // As a process leaves them that is killed after its last mark has its name, before the manifest.
  const { pid } = spawnSync(process.execPath, ['--version']);
  const left = `rxaug-${HOST}-${pid}-00000000.tmp`;
  for (const folder of ['.rxaug/done', '.rxaug', 'train']) {
    if (!before.includes(folder)) continue;
    writeFileSync(join(out, folder, `x.${left}`), 'x');
  }
  rmSync(join(out, 'manifest.json'));
  await prepareHere({ source }, out, { resume: true });
  expect(readdirSync(out, { recursive: true, encoding: 'utf8' }).sort()).toEqual(before);
});
