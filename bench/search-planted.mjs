#!/usr/bin/env node
/**
 * Searches on data for which the right answer is known, over kinds, strategies and seeds: what each found, with what was
 * planted.
 *
 *   node bench/search-planted.mjs --out DIR [--kinds flip,colour,rotated,bright,nothing] [--strategies critic]
 *                                 [--seeds 1,2,3] [--budget 8m]
 *
 * Each search is `npx rxaug search pipelines/search-planted.ts`, one after the other, in a folder of its own in DIR; one that
 * has ended there is not run again. A table on stderr, JSON on stdout.
 * Exit code 1 when a search failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, toArray } from 'rxjs';
import { PLANTED, planted } from '../dist/faces/datasets.js';
import { policy, samples } from '../dist/index.js';
import { STRATEGIES } from '../dist/search/strategies/index.js';
import { among, list, optionsOf } from './lib/options.mjs';

const { out, kinds, strategies, seeds, budget } = optionsOf(
  'node bench/search-planted.mjs --out DIR [--kinds A,B] [--strategies A,B] [--seeds 1,2] [--budget 8m]',
  {
    out: {},
    kinds: { default: PLANTED.join(), read: among(PLANTED) },
    strategies: { default: 'critic', read: among(STRATEGIES.names()) },
    seeds: { default: '1,2,3', read: list('whole numbers', (seed) => /^\d{1,9}$/.test(seed)) },
    budget: { default: '8m' },
  },
  (given) => {
    if (!given.out) throw new Error('expected --out DIR; name the folder of the searches');
  },
);

/** Images that a policy is drawn for, to see what it applies. */
const DRAWN = 20_000;

const results = [];
let failed = 0;
mkdirSync(out, { recursive: true });
for (const kind of kinds) {
  for (const strategy of strategies) {
    for (const seed of seeds) {
      const found = searched(kind, strategy, seed);
      if (found) results.push(await row(kind, strategy, seed, found));
      else failed++;
    }
  }
}
process.stderr.write(`${markdown(results.map(words))}\n`);
process.stdout.write(`${JSON.stringify(results)}\n`);
if (failed > 0) {
  process.stderr.write(
    `search-planted: ${failed} of ${failed + results.length} searches failed and are not in the table\n`,
  );
  process.exitCode = 1;
}

/** The last line of a search, run unless it has ended already. */
function searched(kind, strategy, seed) {
  const name = join(out, `${kind}-${strategy}-${seed}`);
  const file = `${name}.json`;
  if (existsSync(file)) {
    process.stderr.write(
      `search-planted: ${file} is there already, whatever its budget was; it is not run again\n`,
    );
    return JSON.parse(readFileSync(file, 'utf8'));
  }
  const args = ['search', 'pipelines/search-planted.ts', '--set', `planted=${kind}`, '--strategy', strategy];
  const more = ['--budget', budget, '--seed', seed, '--out', name, '--json'];
  const resume = existsSync(name) ? ['--resume'] : [];
  const cli = new URL('../dist/cli/main.js', import.meta.url).pathname;
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args, ...more, ...resume], {
    cwd: new URL('..', import.meta.url).pathname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = stdout.trim().split('\n').at(-1);
  if (status !== 0 || !line) {
    process.stderr.write(`search-planted: ${kind}, ${strategy}, seed ${seed} ended with code ${status}\n`);
    return undefined;
  }
  writeFileSync(file, `${line}\n`);
  return JSON.parse(line);
}

async function row(kind, strategy, seed, found) {
  const versus = (name) => found.versus.find(({ control }) => control === name);
  const best = found.controls.find(({ name }) => name === found.best) ?? found.controls[0];
  return {
    ...{ kind, strategy, seed: Number(seed), seconds: found.seconds, verdict: found.verdict },
    ...{ found: found.found.mean, trainings: found.found.runs.length },
    ...{ uniform: versus('uniform'), best: { name: best.name, mean: best.mean, ...versus(best.name) } },
    shares: Object.fromEntries(found.ops.map(({ op, share }) => [op, share])),
    strengths: found.searches.map(({ strength }) => strength),
    applied: await applied(kind, found.policy),
  };
}

/** Mean and standard deviation, over all images, of the angle or the gain that the chosen policy applies in all. */
async function applied(kind, path) {
  if (kind !== 'rotated' && kind !== 'bright') return undefined;
  const data = planted({ planted: kind, split: 'train', count: DRAWN, size: 8, seed: 0 });
  const drawn = await firstValueFrom(samples(data, { seed: 0 }).pipe(policy(path), toArray()));
  const all = drawn.map(({ recipe }) =>
    kind === 'rotated'
      ? recipe.reduce((sum, { op, params }) => sum + (op === 'rotate' ? params.angle : 0), 0)
      : recipe.reduce((gain, { op, params }) => gain * (op === 'brightness' ? params.factor : 1), 1),
  );
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return { mean, sd: Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length) };
}

function words({ kind, strategy, seed, seconds, found, uniform, best, shares, strengths, applied: by }) {
  const points = (share) => (100 * share).toFixed(1);
  const interval = (of) =>
    of?.low == null ? '–' : `${points(of.difference)} (${points(of.low)} to ${points(of.high)}), ${of.pairs}`;
  const share = (op) => `${op} ${points(shares[op] ?? 0)} %`;
  const answer = {
    flip: () => [share('horizontalFlip'), share('verticalFlip')].join(', '),
    colour: () => [share('hue'), share('invert'), share('saturation')].join(', '),
    rotated: () => `${by.mean.toFixed(1)} ± ${by.sd.toFixed(1)}°`,
    bright: () => `${by.mean.toFixed(2)} ± ${by.sd.toFixed(2)}`,
    nothing: () => `strength ${strengths.map((one) => one.toFixed(2)).join(', ')}`,
  }[kind]();
  return {
    ...{ planted: kind, strategy, seed, minutes: (seconds / 60).toFixed(1), found: points(found) },
    ...{ 'found − uniform, pairs': interval(uniform), 'best control': `${best.name} ${points(best.mean)}` },
    ...{ 'found − best, pairs': interval(best), applied: answer },
  };
}

function markdown(rows) {
  if (rows.length === 0) return 'no search has ended';
  const names = Object.keys(rows[0]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(names), line(names.map(() => '---')), ...rows.map((row) => line(Object.values(row)))].join(
    '\n',
  );
}
