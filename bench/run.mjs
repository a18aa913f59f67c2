/**
 * Compares rxaug and its peers in turns: same run, same images, same cores. Figures to stdout,
 * everything else to stderr. Exit code 1 when one of our own cases fails, 2 for a wrong command line.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CASES } from './cases/index.mjs';
import { checkPeers, choose, contestantsOf, parse, USAGE, Usage } from './lib/args.mjs';
import { Absent, Contestant, killAll } from './lib/contestant.mjs';
import { allShards, large, models, photos, shards } from './lib/inputs.mjs';
import { machine } from './lib/machine.mjs';
import { alternate, summary } from './lib/rounds.mjs';
import { table } from './lib/table.mjs';
import { peersPythons } from './lib/venv.mjs';

const BENCH = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(BENCH);
const log = (text) => process.stderr.write(`${text}\n`);

async function main(argv) {
  const options = parse(argv);
  if (options.help || options.list) {
    console.log(options.help ? USAGE : CASES.map((c) => `${c.name.padEnd(22)}${c.about}`).join('\n'));
    return 0;
  }
  const cases = choose(options.names, CASES);
  checkPeers(options.peers, cases);
  if (!existsSync(join(ROOT, 'dist/index.js')))
    throw new Usage('bench: expected dist/ to be built; run npm run build');
  const { report, core } = machine();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const inputs = {};
  for (const [kind, find] of Object.entries({ photos, large, shards, allShards, models })) {
    const given = { photos: options.images, shards: options.shards, allShards: options.shards }[kind];
    if (cases.some((c) => c.inputs.includes(kind))) inputs[kind] = await find(ROOT, given, log);
  }
  const entries = cases.flatMap((c) => Object.values(contestantsOf(c, options)));
  const environments = [...new Set(entries.filter((c) => c.script).map(({ env = 'main' }) => env))];
  const pythons = await peersPythons(BENCH, environments, options.python, log);
  if (options.prepare) {
    for (const [name, { reason = 'ready' }] of Object.entries(pythons)) log(`${name}: ${reason}`);
    return 0;
  }

  const results = [];
  for (const one of cases) {
    log(`\n${one.name}: ${one.about}`);
    results.push(await measure(one, { options, inputs, pythons, core, cores: report.cores }));
  }
  const whole = { rxaug: version, machine: report, results };
  console.log(options.json ? JSON.stringify(whole) : table(whole));
  return results.some((r) => r.error) ? 1 : 0;
}

async function measure(one, { options, inputs, pythons, core, cores }) {
  const chosen = contestantsOf(one, options);
  const open = (name) => {
    const { script, env = 'main', spec: extra } = chosen[name];
    if (script && !pythons[env].python) throw new Absent(pythons[env].reason);
    const spec = JSON.stringify({
      case: one.name,
      contestant: name,
      images: (one.inputs.includes('large') ? inputs.large : inputs.photos) ?? [],
      shards: (one.inputs.includes('allShards') ? inputs.allShards : inputs.shards) ?? [],
      models: inputs.models,
      threads: one.cores === 'all' ? cores : 1,
      warmup: options.warmup,
      batch: one.batch ?? 64,
      ...extra,
    });
    const command = script
      ? [pythons[env].python, join(BENCH, 'peers', script), spec]
      : [
          process.execPath,
          join(BENCH, 'lib/ours.mjs'),
          pathToFileURL(join(BENCH, 'cases', `${one.name}.mjs`)).href,
          spec,
        ];
    return new Contestant(name, command, {
      core: one.cores === 1 ? core : undefined,
      // Compiled Python would be left beside the sources.
      env: { PYTHONDONTWRITEBYTECODE: '1' },
      cwd: ROOT,
    });
  };
  return result(
    one,
    await alternate(Object.keys(chosen), open, {
      ...options,
      oneCore: one.cores === 1,
      perCpu: one.perCpu,
      log,
    }),
  );
}

/** Figures of a case from the rates of its contestants: rates as they are, or what the case makes of them. */
function result(one, { rates, about, absent, stages, disturbed, others }) {
  const values = one.values ? one.values(rates) : rates;
  const spread = summaries(values);
  const peers = Object.keys(values).filter((name) => name !== 'rxaug');
  const faster = (peer, i) => {
    const [a, b] =
      i === undefined ? [spread.rxaug.median, spread[peer].median] : [values.rxaug[i], values[peer][i]];
    return one.lowerIsBetter ? b / a : a / b;
  };
  const ours = Object.keys(one.contestants).filter((name) => !one.contestants[name].script);
  const failed = ours.find((name) => absent[name] && !one.contestants[name].optional);
  const error = failed ? absent[failed] : one.sameParameters && unlike(about);
  const compared = error ? [] : peers;
  return {
    name: one.name,
    about: one.about,
    unit: one.unit,
    conditions: one.conditions,
    rxaug: spread.rxaug?.median ?? null,
    peers: Object.fromEntries(peers.map((name) => [name, spread[name].median])),
    ratio: Object.fromEntries(compared.map((name) => [name, faster(name)])),
    ratioSpread: Object.fromEntries(
      compared.map((name) => {
        const turns = values.rxaug.map((_, i) => faster(name, i)).filter(Number.isFinite);
        return [name, [Math.min(...turns), Math.max(...turns)]];
      }),
    ),
    spread,
    rates,
    ...(one.perCpu
      ? { byTheClock: summaries(others) }
      : one.cores === 'all' && !one.values && byProcessor(others)),
    disturbed,
    absent: Object.fromEntries(Object.entries(absent).filter(([name]) => name !== failed)),
    ...(stages.rxaug ? { shares: sharesOf(stages.rxaug) } : {}),
    ...(error ? { error } : {}),
    versions: about,
  };
}

/** Why contestants that train the same network do not: their numbers of parameters differ. */
function unlike(about) {
  const counts = Object.entries(about).map(([name, { parameters }]) => [name, parameters]);
  if (new Set(counts.map(([, parameters]) => parameters)).size === 1) return undefined;
  return `the networks differ: parameters are ${counts.map((one) => one.join(' ')).join(', ')}`;
}

/** Images in a second of processor time, which other work on the machine changes little, and rxaug's over each peer's. */
function byProcessor(rates) {
  const spread = summaries(rates);
  const others = Object.keys(rates).filter((name) => name !== 'rxaug');
  const ratio = spread.rxaug && others.map((name) => [name, spread.rxaug.median / spread[name].median]);
  return { byProcessorTime: { rates: spread, ...(ratio && { ratio: Object.fromEntries(ratio) }) } };
}

const summaries = (values) =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summary(list)]));

function sharesOf(times) {
  const sum = Object.values(times).reduce((a, b) => a + b, 0);
  return Object.fromEntries(Object.entries(times).map(([stage, time]) => [stage, time / sum]));
}

process.on('SIGINT', () => {
  killAll();
  process.exit(130);
});
process.on('exit', killAll);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  log(error instanceof Usage ? error.message : error.stack);
  process.exitCode = error instanceof Usage ? 2 : 1;
}
