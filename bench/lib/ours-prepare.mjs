/** What the cases of `rxaug prepare` share: a whole preparation a step, by the processes of the command. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { preparePool } from '../../dist/cli/prepare/pools.js';
import { prepare } from '../../dist/prepare/prepare.js';
import { MEMORY } from '../../dist/prepare/processes.js';
import { peers } from './peers.mjs';

/** Quality of what is written; all contestants write 4:4:4, as rxaug does. */
export const QUALITY = 95;
export const SHARD = 250;

/** What the cases that compare with peers have in common: all write shards of `spec.shard` samples. */
export const againstPeers = (names, spec) => ({
  unit: 'samples in a second of processor time',
  conditions: 'all cores, a process each',
  cores: 'all',
  perCpu: true,
  contestants: Object.fromEntries(
    Object.entries({ rxaug: {}, ...peers(...names) }).map(([name, one]) => [
      name,
      { ...one, spec: { ...spec, quality: QUALITY } },
    ]),
  ),
});

/** The photos, each `times` times: one run of 200 is too short for a turn. */
export function photoSource(images, times) {
  return {
    name: 'bench',
    classes: ['photo'],
    length: images.length * times,
    problems: [],
    item: (i) => ({
      id: `photo-${i}`,
      image: { kind: 'file', path: images[i % images.length] },
      label: 0,
    }),
  };
}

/**
 * A step is a preparation from the scan to the manifest, in a new folder. Its processes are started before it, and that
 * is not counted: `about` says what it takes.
 */
export async function preparations(spec, definition) {
  const folder = () => mkdtempSync(join(os.tmpdir(), 'rxaug-bench-prepare-'));
  const { signal } = new AbortController();
  const pool = preparePool(spec.workers, signal, () => {});
  let next;
  const before = async () => {
    if (next) return;
    const out = folder();
    const work = folder();
    const started = pool({ out, staging: join(work, 'staging', 'bench') }, MEMORY);
    // A task with nothing to do is answered when the process can work.
    const idle = { kind: 'scan', items: [], pixels: false };
    await Promise.all(Array.from({ length: spec.workers }, () => started.run(idle, { name: 'start' })));
    next = { out, work, pool: started };
  };
  const [from, used] = [performance.now(), cpuOfTree()];
  await before();
  const startUp = `${Math.round(performance.now() - from)} ms, ${Math.round(1000 * (cpuOfTree() - used))} ms of processor time`;
  const step = async () => {
    await before();
    const { out, work, pool: started } = next;
    next = undefined;
    const manifest = await prepare(definition, {
      ...{ name: 'bench', out, work, resume: false, seed: 0, signal },
      status: () => {},
      notice: () => {},
      pool: () => started,
      isolated: () => {
        throw new Error('a sample ended its process');
      },
    });
    for (const dir of [out, work]) rmSync(dir, { recursive: true });
    const { samples } = manifest.splits.train;
    return samples;
  };
  const close = async () => {
    await next?.pool.dispose();
    for (const dir of [next?.out, next?.work]) if (dir) rmSync(dir, { recursive: true, force: true });
  };
  return { before, step, close, cpu: cpuOfTree, about: { 'start of the processes': startUp } };
}

/** Seconds on a core of this process and of those that it started, ended ones included. In steps of 10 ms; Linux. */
export function cpuOfTree() {
  if (!existsSync('/proc/self/stat')) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((one) => one !== undefined);
  let ticks = 0;
  const add = (pid) => {
    for (const one of all) {
      if (one.pid === pid) ticks += one.ticks;
      else if (one.parent === pid) add(one.pid);
    }
  };
  add(process.pid);
  return ticks / 100;
}

function statOf(name) {
  try {
    const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1).split(' ');
    // utime, stime, and those of children that it waited for.
    const ticks = fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0);
    return { pid: Number(name), parent: Number(fields[1]), ticks };
  } catch {
    return undefined; // it has ended
  }
}
