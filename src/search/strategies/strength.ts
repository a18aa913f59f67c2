import { z } from 'zod';
import { parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { type EqualOdds, equalOdds } from '../policy/equal-odds.js';
import { appliedOf } from '../report/applied.js';
import type { TracePoint } from '../result.js';
import { trainingScorer } from '../scorers/training.js';
import { scorerSchema } from './allotment.js';
import { bestSetting, type Round, type Rung, rounds, rungsOf, standings } from './halving.js';
import { scoresOf } from './history.js';
import type { Candidate, Scored, Scorer, Strategy, StrategyContext } from './strategy.js';

const optionsSchema = z.strictObject({
  /** Default: a short training. A custom scorer needs `seconds`. */
  scorer: scorerSchema.optional(),
});
export type StrengthOptions = z.input<typeof optionsSchema>;

const trivial = (untouched: number, cap: number): EqualOdds => ({
  stages: 1,
  untouched,
  cap,
  magnitudes: 'upTo',
});
const rand = (untouched: number, cap: number): EqualOdds => ({ stages: 2, untouched, cap, magnitudes: 'at' });

/**
 * What is compared, the most different first: a small budget takes the first three or nine. Doing nothing is among them, and
 * so are TrivialAugment and RandAugment (two ops at level 0.3) over the ops of the space. Those that score alike go in this
 * order, so nothing is done where nothing helps.
 */
export const STRENGTHS: readonly EqualOdds[] = [
  trivial(1, 0),
  trivial(0, 1),
  rand(0, 0.3),
  trivial(0, 0.3),
  trivial(0.5, 1),
  rand(0.5, 0.3),
  trivial(0.5, 0.5),
  rand(0, 0.6),
  trivial(0, 0.6),
  ...[0.15, 0.45, 0.8].flatMap((cap) => [rand(0, cap), rand(0.5, cap)]),
  rand(0.5, 0.6),
  ...[0.25, 0.75].flatMap((untouched) => [0.25, 0.5, 0.75, 1].map((cap) => trivial(untouched, cap))),
  trivial(0.5, 0.25),
  trivial(0.5, 0.75),
  trivial(0, 0.8),
];

/**
 * How strong augmentation should be, and nothing else: two numbers, the share of images that are left as they are and a cap
 * of magnitude, with every op as likely, one in a row as in TrivialAugment or two as in RandAugment. Found by successive
 * halving of short trainings that are paired by keys. Often the most that can be won in an hour, and what any other search
 * has to beat.
 *
 * @throws {UsageError} if an option is unknown, or the scorer has no `seconds`
 *
 * @example strength().name // → 'strength'
 */
export function strength(options: StrengthOptions = {}): Strategy {
  const { scorer = trainingScorer() } = parseOptions('strength', optionsSchema, options);
  if (!scorer.seconds)
    throw new UsageError(
      'strength: expected a scorer that tells its seconds, as rungs are planned by them; give scorer.seconds',
    );
  const begun = (history: readonly Scored[], context: StrategyContext): readonly Round[] => {
    const policies = STRENGTHS.map((setting) => equalOdds(context.problem.space, setting));
    return rounds(plan(scorer, context), policies, scoresOf('strength', history));
  };
  return {
    name: 'strength',
    propose(history, context): Candidate[] {
      const { candidates, settings } = begun(history, context).at(-1) as Round;
      const scores = scoresOf('strength', history);
      // Pair by pair: a search whose time is over ends between two of them.
      const left = candidates.findIndex(({ name }) => !scores.has(name));
      if (left < 0) return [];
      const first = left - (left % settings.length);
      return candidates.slice(first, first + settings.length).filter(({ name }) => !scores.has(name));
    },
    score: scorer,
    conclude(history, context) {
      const best = bestSetting(begun(history, context), scoresOf('strength', history));
      if (best !== undefined) return equalOdds(context.problem.space, STRENGTHS[best] as EqualOdds);
      throw new RxaugError('strength: no candidate was scored; give the search more time with --budget');
    },
    account: (history, context) => ({
      trace: traceOf(begun(history, context), plan(scorer, context), history, context),
      withoutGradient: [],
    }),
  };
}

/** Who led after each round. Scores of two rounds are of other pairs and epochs, and cannot be compared. */
function traceOf(
  begun: readonly Round[],
  rungs: readonly Rung[],
  history: readonly Scored[],
  { problem: { space } }: StrategyContext,
): TracePoint[] {
  const scores = scoresOf('strength', history);
  const all = rungs.reduce((sum, { candidates, pairs }) => sum + candidates * pairs, 0);
  let done = 0;
  return begun.flatMap((round, k): TracePoint[] => {
    done += round.candidates.filter(({ name }) => scores.has(name)).length;
    const [best] = standings(round, scores);
    if (!best) return [];
    const { strength, effectiveOps } = appliedOf(
      equalOdds(space, STRENGTHS[best.setting] as EqualOdds),
      space,
    );
    const { epochs } = rungs[k] as Rung;
    return [{ progress: done / all, strength, effectiveOps, values: { score: best.score, epochs } }];
  });
}

const plan = (scorer: Scorer, context: StrategyContext): Rung[] =>
  rungsOf('strength', scorer, context, STRENGTHS.length);
