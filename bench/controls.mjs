#!/usr/bin/env node
/**
 * What augmentation without a search gains in the recipe of a search: its controls alone, trained in pairs by keys, each
 * against one of them. Only where controls gain over crop and flip can a search be judged.
 *
 *   node bench/controls.mjs --out DIR --data DIR [--labels 4000] [--depth 20] [--epochs 100] [--batch 100]
 *                           [--learning-rate 0.1] [--weight-decay 0.002] [--arms crop+flip,TrivialAugment,RandAugment]
 *                           [--against crop+flip] [--pairs 3] [--seed 0]
 *
 * Problem and recipe are those of pipelines/search-cifar10.ts; the test images are measured after the last epoch only.
 * Pair after pair, arm after arm, in this process; a training that has ended in DIR is not run again, one that was stopped
 * goes on from its last epoch. A line for each training and a table on stderr, JSON on stdout.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPipeline } from '../dist/cli/load-pipeline.js';
import { contextOf } from '../dist/cli/options.js';
import { replaceFile } from '../dist/core/files/write-file.js';
import { controlNames, controlTask } from '../dist/search/arms.js';
import { problemData } from '../dist/search/data/splits.js';
import { armFigures, versus } from '../dist/search/report/arms.js';
import { workOf } from '../dist/search/tasks.js';
import { list, needsShards, number, optionsOf, wholeNumber } from './lib/options.mjs';

const options = optionsOf(
  'node bench/controls.mjs --out DIR --data DIR [--labels N] [--depth N] [--epochs N] [--batch N] [--learning-rate X] [--weight-decay X] [--arms A,B] [--against A] [--pairs N] [--seed N]',
  {
    out: {},
    data: {},
    labels: { default: '4000', read: wholeNumber },
    depth: { default: '20', read: wholeNumber },
    epochs: { default: '100', read: wholeNumber },
    batch: { default: '100', read: wholeNumber },
    'learning-rate': { default: '0.1', read: number },
    'weight-decay': { default: '0.002', read: number },
    arms: { default: 'crop+flip,TrivialAugment,RandAugment', read: list('controls', () => true) },
    against: { default: 'crop+flip' },
    pairs: { default: '3', read: wholeNumber },
    seed: { default: '0', read: number },
  },
  ({ out, data, arms, against }) => {
    if (!out) throw new Error('expected --out to be a folder for the trainings; name one');
    needsShards({ data });
    if (!arms.includes(against)) throw new Error(`--against ${against} is none of --arms; add it to them`);
  },
);
const { out, arms, against, pairs, seed } = options;
const recipe = {
  ...{ labels: options.labels, depth: options.depth, epochs: options.epochs, batch: options.batch },
  ...{ learningRate: options['learning-rate'], weightDecay: options['weight-decay'] },
};

const path = fileURLToPath(new URL('../pipelines/search-cifar10.ts', import.meta.url));
const pipeline = await loadPipeline(path);
const settings = { ...recipe, data: options.data };
const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
const { signal } = new AbortController();
const problem = await pipeline.search(contextOf(pipeline, { set, plugins: [], seed, workers: 0 }, signal));
const known = controlNames(problem);
const odd = arms.find((name) => !known.includes(name));
if (odd !== undefined) {
  process.stderr.write(`controls: unknown control '${odd}'; known are ${known.join(', ')}\n`);
  process.exit(2);
}
const data = await problemData(problem, { seed, signal });
for (const note of data.notes) process.stderr.write(`controls: ${note}\n`);
const work = workOf({ problem, data, strategy: undefined, seed, backend: 'auto' });

mkdirSync(out, { recursive: true });
const about = JSON.stringify({ ...recipe, seed, train: data.train.sha256, test: data.test.sha256 });
const aboutFile = join(out, 'about.json');
if (!existsSync(aboutFile)) replaceFile(aboutFile, `${about}\n`);
else if (readFileSync(aboutFile, 'utf8').trim() !== about) {
  process.stderr.write(
    `controls: ${out} holds trainings of another recipe; name another folder with --out\n`,
  );
  process.exit(2);
}

const runs = Object.fromEntries(arms.map((name) => [name, []]));
for (let pair = 0; pair < pairs; pair++) {
  for (const name of arms) runs[name].push({ pair, ...(await trained(name, pair)) });
}
const figures = arms.map((name) => armFigures({ name, runs: runs[name] }));
const base = { name: against, runs: runs[against] };
const gains = arms.map((name) => versus({ name, runs: runs[name] }, base));
process.stderr.write(`${markdown()}\n`);
process.stdout.write(`${JSON.stringify({ ...recipe, seed, pairs, against, arms: figures, gains, runs })}\n`);

/** The figures of one training. */
async function trained(name, pair) {
  const dir = join(out, `${name.replaceAll(/\W+/g, '-')}-${pair}`);
  const file = `${dir}.json`;
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const arm = controlTask(problem, name, seed, pair);
  const progress = (_, share) =>
    process.stderr.write(`\rcontrols: ${name}, pair ${pair + 1}, ${Math.round(100 * share)} %  `);
  const found = await work({ kind: 'trial', arm, pair, dir }, { signal, progress });
  replaceFile(file, `${JSON.stringify(found)}\n`);
  const result = found.diverged ?? `${(100 * found.accuracy).toFixed(2)} %, ${Math.round(found.seconds)} s`;
  process.stderr.write(`\rcontrols: ${name}, pair ${pair + 1}: ${result}\n`);
  return found;
}

function markdown() {
  const points = (share) => (share === undefined ? '–' : (100 * share).toFixed(1));
  const rows = figures.map(({ name, mean, sd, runs: all, failed }, i) => {
    const { difference, low, high } = gains[i];
    const gain = name === against ? '–' : `${points(difference)} (${points(low)} to ${points(high)})`;
    const count = failed > 0 ? `${all.length}, ${failed} diverged` : all.length;
    return `| ${name} | ${points(mean)} ± ${points(sd)} | ${count} | ${gain} |`;
  });
  return [`| arm | accuracy | trainings | − ${against} |`, '|---|---|---|---|', ...rows].join('\n');
}
