#!/usr/bin/env node
/**
 * The checks: lint, build, types of tests and pipelines, tests. `node scripts/test.mjs [filter or vitest option]…`; the arguments go to vitest.
 * `--augment`: the half of the tests that needs none of the optional packages (scripts/augment-half.mjs).
 * The last line is `N passed, N failed` (and `N skipped`), and a run in which no test ran fails.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { augmentHalf } from './augment-half.mjs';
import { build, TYPED } from './build.mjs';
import { binary } from './setup/binary.mjs';
import { summarize } from './setup/summary.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const half = process.argv.includes('--augment');
const given = process.argv.slice(2).filter((arg) => arg !== '--augment');
const problems = [];

if ((await show(binary(root, '@biomejs/biome', 'biome'), ['check', '.'])) !== 0) {
  problems.push('lint failed; npm run format fixes what can be fixed automatically');
}
try {
  await build(root);
} catch (error) {
  problems.push(error.message);
}

if (!fs.existsSync(path.join(root, 'node_modules', TYPED))) {
  process.stdout.write(`types are not checked, for ${TYPED} is not installed\n`);
} else if (
  (await show(binary(root, 'typescript', 'tsc'), ['-p', 'tsconfig.check.json', '--pretty', 'false'])) !== 0
) {
  problems.push('types of tests or pipelines are wrong');
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-test-'));
const report = path.join(folder, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const code = await show(binary(root, 'vitest', 'vitest'), [
  'run',
  ...reporters,
  ...(half ? augmentHalf(root) : []),
  ...given,
]);
const { lines, ok } = summarize(readReport(report), code, root);
fs.rmSync(folder, { recursive: true });
for (const line of [...problems, ...lines]) process.stdout.write(`${line}\n`);
process.exitCode = ok && problems.length === 0 ? 0 : 1;

/** Runs a script of this Node with our terminal as its own. */
function show(script, args) {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Nothing when vitest did not come to the end. */
function readReport(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
