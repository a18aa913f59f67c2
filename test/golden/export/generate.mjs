/**
 * Writes the Python of the cases and what it does: NAME.torchvision.py, NAME.albumentations.py, statistics.json.
 * Only code that changed is run again, half an hour for all of it.
 *
 *   npm run build && node test/golden/export/generate.mjs [PYTHON]     (default: bench/.venv/bin/python)
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completed, exportPython, pipelineToJson, policy } from '../../../dist/augment/index.js';
import { short } from './short.mjs';

const DRAWS = 2000;
const here = new URL('./', import.meta.url);
const python = process.argv[2] ?? fileURLToPath(new URL('../../../bench/.venv/bin/python', here));
const read = (file) => JSON.parse(readFileSync(new URL(file, here), 'utf8'));
const known = existsSync(new URL('statistics.json', here)) ? read('statistics.json') : { cases: {} };
const hash = (code) =>
  createHash('sha256')
    .update(code.replace(/^#.*\n/gm, ''))
    .digest('hex');

const codes = {};
for (const { name, to, pipeline, policy: text, golden } of read('cases.json')) {
  for (const target of to) {
    const json = text ? pipelineToJson([policy(text)]) : completed(pipeline);
    const { code } = exportPython(json, { to: target, source: name });
    codes[`${name} ${target}`] = code;
    if (golden) writeFileSync(new URL(`${name}.${target}.py`, here), short(code));
  }
}
const same = (name) => known.draws === DRAWS && known.cases[name]?.sha256 === hash(codes[name]);
const changed = Object.fromEntries(Object.entries(codes).filter(([name]) => !same(name)));
console.log(`${Object.keys(changed).length} of ${Object.keys(codes).length} to measure`);
const measure = fileURLToPath(new URL('measure.py', here));
const ran = spawnSync(python, ['-W', 'ignore', measure, String(DRAWS)], {
  input: JSON.stringify(changed),
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
  stdio: ['pipe', 'pipe', 'inherit'],
});
if (ran.status !== 0) process.exit(1);
const measured = JSON.parse(ran.stdout).cases;
const lines = Object.keys(codes).map((name) => {
  const features = measured[name] ?? known.cases[name].features;
  return `${JSON.stringify(name)}: ${JSON.stringify({ sha256: hash(codes[name]), features })}`;
});
writeFileSync(new URL('statistics.json', here), `{"draws": ${DRAWS}, "cases": {\n${lines.join(',\n')}\n}}\n`);
