#!/usr/bin/env node
/**
 * Makes the autoencoder that comes with the quickstart: trains it as `--set generative=train` does, on the training split of
 * `toys10` alone, without labels, and keeps it with its log in pipelines/quickstart. Needs the build and native TensorFlow;
 * some five minutes on two cores.
 *
 *   node scripts/quickstart-models.mjs            # stopped, it goes on with --resume
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'runs', 'quickstart-models');
const kept = path.join(root, 'pipelines', 'quickstart');
/** Steps between two lines of the log. */
const EVERY = 250;

const flags = process.argv.slice(2);
const unknown = flags.find((flag) => flag !== '--resume');
if (unknown !== undefined) {
  process.stderr.write(
    `quickstart-models: expected --resume or nothing but received '${unknown}'; leave it out\n`,
  );
  process.exit(2);
}
// The classifiers do not matter here: one epoch each.
const sets = ['generative=train', 'epochs=1', 'tested=100'].flatMap((set) => ['--set', set]);
const args = ['run', 'pipelines/quickstart.ts', ...sets, '--backend', 'tensorflow', '--out', out];
const { status } = spawnSync(
  process.execPath,
  ['dist/cli/main.js', ...args, flags.includes('--resume') ? '--resume' : '--overwrite'],
  { cwd: root, stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);

const events = fs
  .readFileSync(path.join(out, 'events.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line.includes('"run":"autoencoder"'))
  .map((line) => JSON.parse(line));
const start = events.find(({ kind }) => kind === 'start');
const steps = events.filter(({ kind, step }) => kind === 'step' && step % EVERY === 0);
const lines = [
  `${['node scripts/quickstart-models.mjs', ...flags].join(' ')}, ${events.at(-1).time.slice(0, 10)}, Node ${process.version}`,
  `${start.model}, ${start.parameters} parameters, ${start.backendWhy}`,
  JSON.stringify(start.options),
  'data: toys10, training split alone, without labels',
  ...steps.map(({ step, metrics }) => `step ${step}  ${figures(metrics)}`),
];
fs.mkdirSync(kept, { recursive: true });
for (const name of ['encode.onnx', 'decode.onnx']) {
  const model = fs.readFileSync(path.join(out, name));
  fs.writeFileSync(path.join(kept, name), model);
  lines.push(
    `${name}: ${model.byteLength} bytes, SHA-256 ${createHash('sha256').update(model).digest('hex')}`,
  );
}
fs.writeFileSync(path.join(kept, 'autoencoder.log'), `${lines.join('\n')}\n`);

function figures(metrics) {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join('  ');
}
