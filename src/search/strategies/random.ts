import { fold, keyOf, parseOptions, tag } from '../../core/index.js';
import { randomPolicy } from '../policy/random-policy.js';
import { trainingScorer } from '../scorers/training.js';
import { allotment, type ScoringOptions, scoringOptions } from './allotment.js';
import { numbered, rankedScored, scoresOf, unscored } from './history.js';
import type { Candidate, Strategy, StrategyContext } from './strategy.js';

/** Policies that a budget is spent on before their trainings become longer, and in all. */
const COUNTS = { least: 2, enough: 32, most: 1000 };

/**
 * The best of random policies of the space's shape, all scored alike, by a short training of one pair unless `scorer` is
 * given. The control that a search has to beat.
 *
 * @throws {UsageError} if an option is unknown or out of range
 */
export function random(options: ScoringOptions = {}): Strategy {
  const { scorer = trainingScorer(), candidates } = parseOptions('random', scoringOptions, options);
  const all = (context: StrategyContext): Candidate[] => {
    const plan = allotment('random', { scorer, candidates }, context, COUNTS);
    const key = fold(keyOf(context.seed), tag('search-random'));
    return Array.from({ length: plan.candidates }, (_, i) => ({
      name: numbered('random', i),
      policy: randomPolicy(context.problem.space, fold(key, i)),
      epochs: plan.epochs,
    }));
  };
  return {
    name: 'random',
    propose: (history, context) => unscored(all(context), scoresOf('random', history)),
    score: scorer,
    conclude: (history, context) => rankedScored('random', all(context), history)[0].policy,
  };
}
