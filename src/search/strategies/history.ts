/** Scores by name: strategies read them so, whatever order they came in. */
import { expected, RxaugError } from '../../core/index.js';
import type { Candidate, Scored } from './strategy.js';

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

/** Those of the candidates that have no score yet. */
export const unscored = <C extends Candidate>(candidates: readonly C[], scores: Scores): C[] =>
  candidates.filter(({ name }) => !scores.has(name));

/** Best first; those that score alike stay in their order. */
export function ranked<T>(items: readonly T[], score: (item: T) => number): T[] {
  return items
    .map((item) => ({ item, score: score(item) }))
    .sort((one, other) => other.score - one.score)
    .map(({ item }) => item);
}

/**
 * Those of the candidates that have a score, best first.
 *
 * @throws {RxaugError} if none has
 */
export function rankedScored<C extends Candidate>(
  owner: string,
  candidates: readonly C[],
  history: readonly Scored[],
): [C, ...C[]] {
  const scores = scoresOf(owner, history);
  const done = candidates.filter(({ name }) => scores.has(name));
  const [best, ...rest] = ranked(done, ({ name }) => scores.get(name) as number);
  if (best) return [best, ...rest];
  throw new RxaugError(`${owner}: no candidate was scored; give the search more time with --budget`);
}

/** A name for the i-th candidate, which sorts as the numbers do: 'random-007'. */
export const numbered = (kind: string, i: number): string => `${kind}-${String(i).padStart(3, '0')}`;
