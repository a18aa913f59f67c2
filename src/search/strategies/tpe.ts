import { Draws, fold, keyOf, parseOptions, tag } from '../../core/index.js';
import { numberCount, numbersOfPolicy, policyFromNumbers } from '../policy/policy-numbers.js';
import { trainingScorer } from '../scorers/training.js';
import { type Allotment, allotment, type ScoringOptions, scoringOptions } from './allotment.js';
import { numbered, rankedScored, scoresOf } from './history.js';
import { propose } from './parzen.js';
import type { Candidate, Scored, Strategy, StrategyContext } from './strategy.js';

/** Candidates that a budget is spent on before their trainings become longer, and in all. */
const COUNTS = { least: 8, enough: 40, most: 1000 };
/** Share of the candidates that are random, to begin with. */
const RANDOM = 0.3;
/** Candidates that are proposed at once, as they are scored side by side. */
const BATCH = 4;

/**
 * A tree-structured Parzen estimator over the numbers of a policy: the odds of each op, its p and its range. The first 30 %
 * of the candidates are random; of the others each batch of four is proposed by all scores before it.
 *
 * @throws {UsageError} if an option is unknown or out of range
 *
 * @example tpe({ scorer: densityScorer(), candidates: 200 }).name // → 'tpe'
 */
export function tpe(options: ScoringOptions = {}): Strategy {
  const { scorer = trainingScorer(), candidates } = parseOptions('tpe', scoringOptions, options);
  return {
    name: 'tpe',
    options: { candidates },
    propose(history, context): Candidate[] {
      const scores = scoresOf('tpe', history);
      const plan = allotment('tpe', { scorer, candidates }, context, COUNTS);
      return firstUnscored(history, context, plan).filter(({ name }) => !scores.has(name));
    },
    score: scorer,
    conclude: (history) => rankedScored('tpe', history)[0].policy,
  };
}

/** The first batch of which a score is missing. It depends on the batches before it only. */
function firstUnscored(
  history: readonly Scored[],
  { problem: { space }, seed }: StrategyContext,
  { candidates, epochs }: Allotment,
): Candidate[] {
  const byName = new Map(history.map((one) => [one.name, one]));
  const key = fold(keyOf(seed), tag('search-tpe'));
  const first = Math.min(candidates, Math.max(BATCH, Math.ceil(RANDOM * candidates)));
  const known: Scored[] = [];
  for (let at = 0; at < candidates; ) {
    const size = Math.min(at === 0 ? first : BATCH, candidates - at);
    const names = Array.from({ length: size }, (_, i) => numbered('tpe', at + i));
    const scored = names.flatMap((name) => byName.get(name) ?? []);
    if (scored.length < size) {
      const points = known.map(({ policy, score }) => ({ values: numbersOfPolicy(space, policy), score }));
      return names.map((name, i) => {
        const own = fold(key, at + i);
        const values = at === 0 ? randomNumbers(numberCount(space), new Draws(own)) : propose(points, own);
        return { name, policy: policyFromNumbers(space, values), epochs };
      });
    }
    known.push(...scored);
    at += size;
  }
  return [];
}

const randomNumbers = (n: number, draws: Draws) => Array.from({ length: n }, () => draws.uniform());
