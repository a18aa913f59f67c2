import { Draws, fold, keyOf, parseOptions, tag } from '../../core/index.js';
import { numberCount, numbersOfPolicy, policyFromNumbers } from '../policy/policy-numbers.js';
import { trainingScorer } from '../scorers/training.js';
import { allotment, type ScoringOptions, scoringOptions } from './allotment.js';
import { numbered, rankedScored, scoresOf, unscored } from './history.js';
import { propose as proposePoint } from './parzen.js';
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
 */
export function tpe(options: ScoringOptions = {}): Strategy {
  const { scorer = trainingScorer(), candidates } = parseOptions('tpe', scoringOptions, options);
  const begun = (history: readonly Scored[], context: StrategyContext): readonly Candidate[][] => {
    const plan = allotment('tpe', { scorer, candidates }, context, COUNTS);
    return batches(history, context, plan);
  };
  return {
    name: 'tpe',
    propose(history, context): Candidate[] {
      return unscored(begun(history, context).at(-1) ?? [], scoresOf('tpe', history));
    },
    score: scorer,
    conclude: (history, context) => rankedScored('tpe', begun(history, context).flat(), history)[0].policy,
  };
}

/** The batches that have begun: of each but the last all scores are known. A batch depends on those before it only. */
function batches(
  history: readonly Scored[],
  { problem: { space }, seed }: StrategyContext,
  { candidates, epochs }: { readonly candidates: number; readonly epochs: number },
): Candidate[][] {
  const byName = new Map(history.map((one) => [one.name, one]));
  const key = fold(keyOf(seed), tag('search-tpe'));
  const first = Math.min(candidates, Math.max(BATCH, Math.ceil(RANDOM * candidates)));
  const made: Candidate[][] = [];
  const known: Scored[] = [];
  for (let at = 0; at < candidates; ) {
    const size = Math.min(at === 0 ? first : BATCH, candidates - at);
    const points = known.map(({ policy, score }) => ({ values: numbersOfPolicy(space, policy), score }));
    const batch = Array.from({ length: size }, (_, i): Candidate => {
      const own = fold(key, at + i);
      const values = at === 0 ? randomNumbers(numberCount(space), new Draws(own)) : proposePoint(points, own);
      return { name: numbered('tpe', at + i), policy: policyFromNumbers(space, values), epochs };
    });
    made.push(batch);
    const scored = batch.flatMap(({ name }) => byName.get(name) ?? []);
    if (scored.length < size) break;
    known.push(...scored);
    at += size;
  }
  return made;
}

const randomNumbers = (n: number, draws: Draws) => Array.from({ length: n }, () => draws.uniform());
