/**
 * Noise with a separate distribution for each value 0..255: a list of outcomes with 16-bit cumulative probabilities. A
 * guide table gives the start of the search (Chen and Asau, 1974), so few steps are needed.
 */
import { fold, type Key } from '../core/random.js';
import { scramble } from './noise.js';
import type { RowStep } from './raster.js';

/** Outcomes (bytes, rising) and their weights, in any scale. */
export interface Outcomes {
  readonly levels: readonly number[];
  readonly weights: readonly number[];
}

const ALL = 65536;

/** Replaces every value v by one drawn from `outcomes(v)`, keyed by its place. */
export function pick(key: Key, outcomes: (value: number) => Outcomes): RowStep {
  const guide = new Uint16Array(65536); // [256, 256]: value, upper byte of the draw
  const limits: number[] = [];
  const levels: number[] = [];
  for (let v = 0; v < 256; v++) {
    const of = outcomes(v);
    const total = of.weights.reduce((sum, w) => sum + w, 0);
    let below = 0;
    let start = limits.length;
    of.levels.forEach((level, k) => {
      below += of.weights[k] as number;
      levels.push(level);
      limits.push(k === of.levels.length - 1 ? ALL : Math.round((below / total) * ALL));
    });
    for (let upper = 0; upper < 256; upper++) {
      while ((limits[start] as number) <= 256 * upper) start++;
      guide[256 * v + upper] = start;
    }
  }
  if (limits.length > ALL) throw new RangeError(`pick: ${limits.length} outcomes are more than ${ALL}`);
  const ends = Int32Array.from(limits);
  const results = Uint8Array.from(levels);
  return (row, y) => {
    const { a, b } = fold(key, y);
    let bits = 0;
    for (let i = 0; i < row.length; i++) {
      bits = i & 1 ? bits >>> 16 : scramble(a, b, i >> 1);
      const u = bits & 0xffff;
      let k = guide[256 * (row[i] as number) + (u >> 8)] as number;
      while (u >= (ends[k] as number)) k++;
      row[i] = results[k] as number;
    }
  };
}

/** Poisson counts around a mean, out to where less than a billionth is left: unscaled weights from the mode. */
export function poissonWeights(mean: number): { first: number; weights: number[] } {
  const deviation = Math.sqrt(mean);
  const mode = Math.floor(mean);
  const first = Math.max(0, Math.floor(mean - 6.5 * deviation - 2));
  const last = Math.ceil(mean + 6.5 * deviation + 10);
  const weights = new Array<number>(last - first + 1).fill(0);
  weights[mode - first] = 1;
  for (let n = mode; n < last; n++)
    weights[n + 1 - first] = ((weights[n - first] as number) * mean) / (n + 1);
  for (let n = mode; n > first; n--) weights[n - 1 - first] = ((weights[n - first] as number) * n) / mean;
  return { first, weights };
}
