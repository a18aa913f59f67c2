/** Turns: every contestant prepared and warm, then A B C A B C …, so disturbances of the machine affect all equally. */
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Absent } from './contestant.mjs';

/** Milliseconds between two looks at what the machine is doing, and looks at most before a turn. */
const LOOK = 100;
const LOOKS = 30;
/** Cores at work that count as a machine at rest. */
const AT_REST = 0.25;
/** Share of a turn on its one core below which something else must have run there. */
const UNDISTURBED = 0.9;

/**
 * Rates of each contestant by turn (images/s; `perCpu`: in a second of processor time), `others` the same by the other clock, its versions, seconds by stage if it reports them,
 * in how many turns other work disturbed it, and why one is absent. `open(name)` starts its process.
 * `atRest: false` does not wait for processors to rest before a turn.
 */
export async function alternate(names, open, { rounds, seconds, oneCore, perCpu, log, atRest = true }) {
  const present = new Map();
  const seen = { rates: {}, others: {}, about: {}, absent: {}, stages: {}, disturbed: {} };
  const leave = async (name, error) => {
    if (!(error instanceof Absent)) throw error;
    seen.absent[name] = error.message;
    delete seen.rates[name];
    delete seen.others[name];
    log(`${name}: absent: ${error.message}`);
    await present.get(name)?.close();
    present.delete(name);
  };
  const turn = async (name, title) => {
    const rested = !atRest || (await rest());
    const { count, seconds: took, cpu, stages } = await present.get(name).round(seconds);
    seen.rates[name].push(count / (perCpu ? cpu : took));
    seen.others[name].push(count / (perCpu ? took : cpu));
    const disturbed = !rested || (oneCore && cpu / took < UNDISTURBED);
    if (disturbed) seen.disturbed[name] = (seen.disturbed[name] ?? 0) + 1;
    for (const [stage, time] of Object.entries(stages ?? {})) {
      seen.stages[name] ??= {};
      seen.stages[name][stage] = (seen.stages[name][stage] ?? 0) + time;
    }
    log(
      `${title}  ${name}: ${(count / took).toPrecision(4)} images/s, ${(count / cpu).toPrecision(4)} in a second of processor time${disturbed ? ' (disturbed)' : ''}`,
    );
  };
  try {
    for (const name of names) {
      try {
        present.set(name, await open(name));
        seen.about[name] = await present.get(name).ready();
        seen.rates[name] = [];
        seen.others[name] = [];
      } catch (error) {
        await leave(name, error);
      }
    }
    for (let i = 1; i <= rounds; i++) {
      for (const name of [...present.keys()])
        await turn(name, `turn ${i}/${rounds}`).catch((error) => leave(name, error));
    }
  } finally {
    await Promise.all([...present.values()].map((contestant) => contestant.close()));
  }
  return seen;
}

/** Waits until what contestants had in flight is done. False when the machine stays busy: with others' work. */
async function rest() {
  let before = idleTime();
  for (let i = 0; i < LOOKS; i++) {
    const from = performance.now();
    await sleep(LOOK);
    const after = idleTime();
    const busy = after.cores - (after.ms - before.ms) / (performance.now() - from);
    if (busy < AT_REST) return true;
    before = after;
  }
  return false;
}

function idleTime() {
  const cores = os.cpus();
  return { ms: cores.reduce((sum, { times }) => sum + times.idle, 0), cores: cores.length };
}

/** Median with its spread: extremes, and the median distance from the median. */
export function summary(values) {
  const middle = median(values);
  return {
    median: middle,
    min: Math.min(...values),
    max: Math.max(...values),
    mad: median(values.map((v) => Math.abs(v - middle))),
    rounds: values.length,
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
