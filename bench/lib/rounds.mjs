/** Turns: every contestant prepared and warm, then A B C A B C …, so that what the machine does hits all alike. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Absent } from './contestant.mjs';

/** Between two turns: what a contestant still has in flight comes to rest. */
const REST = 200;

/**
 * Rates (images/s) of each contestant by turn, with what it said of itself, the least share of a turn that it
 * had a core (`busy`), and why one is not there.
 * `open(name)` starts the process of a contestant.
 */
export async function alternate(names, open, { rounds, seconds, log }) {
  const present = new Map();
  const rates = {};
  const about = {};
  const absent = {};
  const stages = {};
  const busy = {};
  const leave = async (name, error) => {
    if (!(error instanceof Absent)) throw error;
    absent[name] = error.message;
    delete rates[name];
    log(`${name}: absent: ${error.message}`);
    await present.get(name)?.close();
    present.delete(name);
  };
  try {
    for (const name of names) {
      try {
        present.set(name, await open(name));
        about[name] = await present.get(name).ready();
        rates[name] = [];
      } catch (error) {
        await leave(name, error);
      }
      await sleep(REST);
    }
    for (let turn = 0; turn < rounds; turn++) {
      for (const [name, contestant] of [...present]) {
        try {
          const { count, seconds: took, cpu, stages: times } = await contestant.round(seconds);
          rates[name].push(count / took);
          busy[name] = Math.min(busy[name] ?? 1, cpu / took);
          for (const [stage, time] of Object.entries(times ?? {})) {
            stages[name] ??= {};
            stages[name][stage] = (stages[name][stage] ?? 0) + time;
          }
          log(`turn ${turn + 1}/${rounds}  ${name}: ${(count / took).toPrecision(4)} images/s`);
        } catch (error) {
          await leave(name, error);
        }
        await sleep(REST);
      }
    }
  } finally {
    await Promise.all([...present.values()].map((contestant) => contestant.close()));
  }
  return { rates, about, absent, stages, busy };
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
