#!/usr/bin/env node
/**
 * What safety costs, and whether memory stays flat: a preparation of `--images` small images out of tar shards. Its processes
 * report how long they synced, renamed and wrote marks; their resident memory is read once a second.
 *
 *   node bench/prepare-cost.mjs --data DIR [--images 50000] [--workers 2] [--shard 10000]
 *
 * DIR holds `train-*.tar`. JSON on stdout, one line a second on stderr.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { memoryOf } from '../dist/core/children/memory.js';
import { childPool, ONE_THREAD } from '../dist/core/children/pool.js';
import { prepare } from '../dist/prepare/prepare.js';
import { needsShards, optionsOf, wholeNumber } from './lib/options.mjs';
import { cpuOfTree, QUALITY } from './lib/ours-prepare.mjs';
import { rxaug } from './lib/rxaug.mjs';

const { data, images, workers, shard } = optionsOf(
  'node bench/prepare-cost.mjs --data DIR [--images 50000] [--workers 2] [--shard 10000]',
  {
    data: {},
    images: { default: '50000', read: wholeNumber },
    workers: { default: '2', read: wholeNumber },
    shard: { default: '10000', read: wholeNumber },
  },
  needsShards,
);
const all = await rxaug.openWebdataset(`${data}/train-*.tar`);
const source = {
  ...{ name: 'bench', classes: all.classes, length: images, problems: [] },
  item: (i) => ({ ...all.item(i % all.length), id: `image-${i}` }),
};
const dir = mkdtempSync(join(os.tmpdir(), 'rxaug-bench-cost-'));
const report = join(dir, 'times');
const { signal } = new AbortController();
const pool = (init) =>
  childPool({
    module: new URL('./lib/timed-child.mjs', import.meta.url),
    ...{ init, workers, signal },
    owner: 'prepare',
    env: { ...ONE_THREAD, UV_THREADPOOL_SIZE: '4', MALLOC_ARENA_MAX: '2', RXAUG_BENCH_TIMES: report },
  });
const memory = [];
let line = '';
const look = () => {
  // Children that are there, as the system lists them.
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const mb = [...pids.filter(Boolean), process.pid].map((pid) => Math.round((memoryOf(pid) ?? 0) / 1e6));
  memory.push({ at: line, children: mb.slice(0, -1), parent: mb.at(-1) });
  process.stderr.write(`${line}: ${mb.join(' ')} MB\n`);
};
const timer = setInterval(look, 1000);
const [from, used] = [performance.now(), cpuOfTree()];
try {
  await prepare(
    {
      source,
      nearDuplicates: 'ignore',
      keepOriginal: false,
      augment: [rxaug.padCrop(4), rxaug.horizontalFlip()],
      encode: { format: 'jpeg', quality: QUALITY },
      shardSize: shard,
    },
    {
      ...{ name: 'bench', out: join(dir, 'out'), resume: false, seed: 0, signal, pool },
      status: (now) => {
        line = now;
      },
      notice: () => {},
      isolated: () => {
        throw new Error('a sample ended its process');
      },
    },
  );
  clearInterval(timer);
  const seconds = (performance.now() - from) / 1000;
  const tasks = readFileSync(report, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));
  const sum = (field) => tasks.reduce((total, one) => total + one[field], 0);
  const [task, safety] = [sum('task'), sum('safety')];
  const about = { images, workers, shard, seconds, cpu: cpuOfTree() - used };
  console.log(
    JSON.stringify({
      ...about,
      secondsInShards: task,
      secondsOfSafety: safety,
      share: safety / task,
      memory,
    }),
  );
} finally {
  clearInterval(timer);
  rmSync(dir, { recursive: true, force: true });
}
