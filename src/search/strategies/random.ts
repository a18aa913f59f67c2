import { fold, keyOf, parseOptions, tag } from '../../core/index.js';
import { randomPolicy } from '../policy/random-policy.js';
import { trainingScorer } from '../scorers/training.js';
import { allotment, type ScoringOptions, scoringOptions } from './allotment.js';
import { nextBatch, numbered, rankedScored, scoresOf } from './history.js';
import type { Candidate, Strategy } from './strategy.js';

/** Policies that a budget is spent on before their trainings become longer, and in all. */
const COUNTS = { least: 2, enough: 32, most: 1000 };
/** Candidates that are proposed at once, as they are scored side by side. */
const BATCH = 4;

/**
 * The best of random policies of the space's shape, all scored alike, by a short training of one pair unless `scorer` is
 * given. The control that a search has to beat.
 *
 * @throws {UsageError} if an option is unknown or out of range
 *
 * @example random({ candidates: 20 }).name // → 'random'
 */
export function random(options: ScoringOptions = {}): Strategy {
  const { scorer = trainingScorer(), candidates } = parseOptions('random', scoringOptions, options);
  return {
    name: 'random',
    options: { candidates },
    propose(history, context): Candidate[] {
      const { candidates: count, epochs } = allotment('random', { scorer, candidates }, context, COUNTS);
      const key = fold(keyOf(context.seed), tag('search-random'));
      return nextBatch('random', count, scoresOf('random', history), BATCH).map((i) => ({
        name: numbered('random', i),
        policy: randomPolicy(context.problem.space, fold(key, i)),
        epochs,
      }));
    },
    score: scorer,
    conclude: (history) => rankedScored('random', history)[0].policy,
  };
}
