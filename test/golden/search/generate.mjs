/**
 * Writes what found policies apply once they are exported: applied.json, by sample.py over the policies of policies.json.
 *
 *   npm run build && node test/golden/search/generate.mjs [PYTHON]     (default: bench/.venv/bin/python)
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as augment from '../../../dist/augment/index.js';
import { policyJson } from '../../../dist/search/policy/operator.js';
import { spaceOf } from './space.mjs';

const DRAWS = 20_000;
const here = new URL('./', import.meta.url);
const python = process.argv[2] ?? fileURLToPath(new URL('../../../bench/.venv/bin/python', here));
const hash = (code) =>
  createHash('sha256')
    .update(code.replace(/^#.*\n/gm, ''))
    .digest('hex');

const space = spaceOf(augment);
const codes = {};
for (const { name, to, policy } of JSON.parse(readFileSync(new URL('policies.json', here), 'utf8'))) {
  for (const target of to) {
    const options = { to: target, source: name };
    codes[`${name} ${target}`] = augment.exportPython(policyJson(space, policy), options).code;
  }
}
const ran = spawnSync(python, ['-W', 'ignore', fileURLToPath(new URL('sample.py', here)), String(DRAWS)], {
  input: JSON.stringify(codes),
  encoding: 'utf8',
  stdio: ['pipe', 'pipe', 'inherit'],
});
if (ran.status !== 0) process.exit(1);
const { draws, cases } = JSON.parse(ran.stdout);
const lines = Object.entries(cases).map(
  ([name, ops]) =>
    `${JSON.stringify(name)}: {"sha256": "${hash(codes[name])}", "ops": {\n${Object.entries(ops)
      .map(([op, of]) => `  ${JSON.stringify(op)}: ${JSON.stringify(of)}`)
      .join(',\n')}\n}}`,
);
writeFileSync(new URL('applied.json', here), `{"draws": ${draws}, "cases": {\n${lines.join(',\n')}\n}}\n`);
