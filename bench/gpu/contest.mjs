/** One comparison: contestants in processes of their own, in turns, by the driver that the other cases of the bench have. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Absent, Contestant } from '../lib/contestant.mjs';
import { alternate, summary } from '../lib/rounds.mjs';
import { MODELS } from './sizes.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const BENCH = dirname(HERE);
/** Kept for the turns of those that are ready. */
const RESERVE = 30;

const ours = (module) => ({ module });
const torch = (mode) => ({ script: 'pytorch_step.py', spec: { mode } });

function contestantsOf({ streamed, webgpu }) {
  if (streamed)
    return {
      'cached batch': { ...ours('xla.mjs'), spec: { feed: 'cached' } },
      stream: { ...ours('xla.mjs'), spec: { feed: 'stream' } },
      'stream without a step': ours('stream.mjs'),
    };
  return {
    xla: { ...ours('xla.mjs'), spec: { feed: 'cached' } },
    'pytorch eager': torch('eager'),
    'pytorch compile': torch('compile'),
    ...(webgpu && { 'webgpu eager': { ...ours('eager.mjs'), spec: { backend: 'webgpu' } } }),
  };
}

export async function runContest(contest, { device, rounds, turn, python, limit, left, log }) {
  const contestants = contestantsOf(contest);
  const before = new Map();
  const spawned = (name) => {
    const { module, script, spec: extra } = contestants[name];
    const spec = JSON.stringify({ ...contest, ...MODELS[contest.model], ...extra, warmup: 0.5 });
    const command = script
      ? [python, join(BENCH, 'peers', script), spec]
      : [process.execPath, join(BENCH, 'lib/ours.mjs'), pathToFileURL(join(HERE, module)).href, spec];
    return new Contestant(name, command, {
      env: { PYTHONDONTWRITEBYTECODE: '1' },
      cwd: dirname(BENCH),
      startLimit: 1000 * Math.max(5, Math.min(limit, left() - RESERVE)),
    });
  };
  const open = (name) => {
    if (name.startsWith('pytorch')) {
      if (!hasTorch(python)) throw new Absent('torch is not installed');
      // XLA has been compiled by itself; PyTorch's two start together, which halves the wait.
      for (const peer of Object.keys(contestants))
        if (peer.startsWith('pytorch') && !before.has(peer)) before.set(peer, spawned(peer));
    }
    return before.get(name) ?? spawned(name);
  };
  const { rates, about, absent, disturbed } = await alternate(Object.keys(contestants), open, {
    rounds,
    seconds: turn,
    oneCore: false,
    perCpu: false,
    atRest: device === 'cpu',
    log,
  });
  const own = contest.streamed ? 'stream' : 'xla';
  const spread = Object.fromEntries(
    Object.entries(rates)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => [name, summary(list)]),
  );
  const others = Object.keys(spread).filter((name) => name !== own);
  return {
    ...contest,
    unit: 'images/s',
    imagesPerSecond: spread,
    ratio: Object.fromEntries(
      spread[own] ? others.map((name) => [name, spread[own].median / spread[name].median]) : [],
    ),
    about,
    absent,
    disturbed,
    ...(absent[own] && { error: absent[own] }),
  };
}

let torchIs;
const hasTorch = (python) => {
  torchIs ??=
    spawnSync(python, [
      '-c',
      'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)',
    ]).status === 0;
  return torchIs;
};
