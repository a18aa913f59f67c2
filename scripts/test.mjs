#!/usr/bin/env node
/**
 * The checks: lint, build, tests. `node scripts/test.mjs [filter or vitest option]…`; the arguments go to vitest.
 * The last line is `N passed, N failed` (and `N skipped`), and a run in which no test ran fails.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { binary } from './setup/binary.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const problems = [];

if ((await show(binary(root, '@biomejs/biome', 'biome'), ['check', '.'])) !== 0) {
  problems.push('lint failed; npm run format mends what can be mended without thinking');
}
try {
  await build(root);
} catch (error) {
  problems.push(error.message);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-test-'));
const report = path.join(folder, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const code = await show(binary(root, 'vitest', 'vitest'), ['run', ...reporters, ...process.argv.slice(2)]);
const counts = count(report);
fs.rmSync(folder, { recursive: true });

if (counts.passed + counts.failed === 0) problems.push('no test ran');
if (counts.broken.length > 0) problems.push(`could not be loaded: ${counts.broken.join(', ')}`);
if (code !== 0 && counts.failed === 0 && counts.broken.length === 0)
  problems.push(`vitest ended with code ${code}`);
for (const problem of problems) process.stdout.write(`test: ${problem}\n`);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exitCode = problems.length > 0 || counts.failed > 0 ? 1 : 0;

/** Runs a script of this Node with our terminal as its own. */
function show(script, args) {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function count(file) {
  let results = { testResults: [] };
  try {
    results = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    // vitest did not come to the end; its exit code tells.
  }
  const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  const number = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  return {
    passed: number('passed'),
    failed: number('failed'),
    skipped: number('skipped', 'pending', 'todo', 'disabled'),
    // A file that throws while it is imported has no tests that could fail.
    broken: results.testResults
      .filter(
        ({ status, assertionResults }) =>
          status === 'failed' && !assertionResults.some((t) => t.status === 'failed'),
      )
      .map(({ name }) => path.relative(root, name)),
  };
}
