/** Scores by name: strategies read them so, whatever order they came in. */
import { expected, RxaugError } from '../../core/index.js';
import type { Scored } from './strategy.js';

export type Scores = ReadonlyMap<string, number>;

/**
 * The score of each candidate by its name.
 *
 * @throws {RxaugError} if a score is not a finite number
 */
export function scoresOf(owner: string, history: readonly Scored[]): Scores {
  for (const { name, score } of history) {
    if (Number.isFinite(score)) continue;
    const fix = 'let the scorer return a number, the lowest one for a training that diverged';
    throw new RxaugError(expected(`${owner}: score of ${name}`, 'a finite number', score, fix));
  }
  return new Map(history.map(({ name, score }) => [name, score]));
}

/** A name for the i-th candidate, which sorts as the numbers do: 'random-0007'. */
export const numbered = (kind: string, i: number): string => `${kind}-${String(i).padStart(4, '0')}`;

/**
 * Numbers below `count` whose candidate has no score yet, within the first batch of `size` that has one. Batches are small,
 * as a search whose time is over ends between two of them.
 */
export function nextBatch(kind: string, count: number, scores: Scores, size: number): number[] {
  for (let at = 0; at < count; at += size) {
    const batch = Array.from({ length: Math.min(size, count - at) }, (_, i) => at + i);
    const left = batch.filter((i) => !scores.has(numbered(kind, i)));
    if (left.length > 0) return left;
  }
  return [];
}

/** Best first; those that score alike stay in their order. */
export function ranked<T>(items: readonly T[], score: (item: T) => number): T[] {
  return items
    .map((item) => ({ item, score: score(item) }))
    .sort((one, other) => other.score - one.score)
    .map(({ item }) => item);
}

/**
 * What was scored, best first; those that score alike by their names, which is the order of their proposals.
 *
 * @throws {RxaugError} if nothing was
 */
export function rankedScored(owner: string, history: readonly Scored[]): [Scored, ...Scored[]] {
  scoresOf(owner, history);
  const proposed = [...history].sort((one, other) => (one.name < other.name ? -1 : 1));
  const [best, ...rest] = ranked(proposed, ({ score }) => score);
  if (best) return [best, ...rest];
  throw new RxaugError(`${owner}: no candidate was scored; give the search more time with --budget`);
}
