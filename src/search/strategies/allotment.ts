/** How a search spends its seconds: on how many candidates, and how long each is trained. */
import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import type { Scorer, StrategyContext } from './strategy.js';

export const scorerSchema = z.custom<Scorer>(
  (value) => typeof value === 'function',
  'expected a scorer: a function of a candidate that promises a number',
);

/** Options of strategies that score policies one by one. */
export const scoringOptions = z.strictObject({
  /** Default: a short training. */
  scorer: scorerSchema.optional(),
  /** How many policies are scored; default as many as the budget allows. Needed with a scorer without `seconds`. */
  candidates: z.int().min(1).max(100_000).optional(),
});
export type ScoringOptions = z.input<typeof scoringOptions>;

export interface Allotment {
  readonly candidates: number;
  /** Of each short training. */
  readonly epochs: number;
}

/** Short trainings are at least this share of a trial: what wins in long ones may lose in shorter ones. */
const SHORTEST = 1 / 4;

/** The fewest epochs of a short training. */
export const fewestEpochs = ({ problem }: StrategyContext): number =>
  Math.max(1, Math.ceil(SHORTEST * problem.trial.epochs));

/** Seconds for scores, after what comes before the first of them. */
export const secondsLeft = (scorer: Scorer, context: StrategyContext): number =>
  context.seconds - (scorer.setup?.(context) ?? 0);

/** How many scores of so many epochs fit the budget; any number where the scorer has no `seconds`. */
export function fitting(scorer: Scorer, context: StrategyContext, epochs: number): number {
  if (!scorer.seconds) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(secondsLeft(scorer, context) / scorer.seconds({ epochs }, context)));
}

/**
 * At first as many candidates as fit, each trained for a quarter of a trial's epochs, up to `enough`; then longer trainings,
 * up to a whole trial; then more candidates, up to `most`. A pure function of budget and costs.
 *
 * @throws {UsageError} if fewer than `least` fit, or the scorer has no `seconds` and no number is given
 */
export function allotment(
  owner: string,
  { scorer, candidates }: { readonly scorer: Scorer; readonly candidates?: number },
  context: StrategyContext,
  { least, enough, most }: { readonly least: number; readonly enough: number; readonly most: number },
): Allotment {
  const longest = context.problem.trial.epochs;
  if (!scorer.seconds && candidates === undefined)
    throw new UsageError(
      `${owner}: expected the number of candidates, as the scorer does not tell its seconds; give candidates, or scorer.seconds`,
    );
  const fit = (epochs: number) => fitting(scorer, context, epochs);
  let epochs = fewestEpochs(context);
  if (fit(epochs) < (candidates ?? least)) refuse(owner, scorer, context, candidates ?? least, epochs);
  const wanted = candidates ?? Math.min(enough, fit(epochs));
  while (epochs < longest && fit(epochs + 1) >= wanted) epochs++;
  return { candidates: candidates ?? Math.min(most, Math.max(wanted, fit(epochs))), epochs };
}

/** Says what budget would do. */
export function refuse(
  owner: string,
  scorer: Scorer,
  context: StrategyContext,
  candidates: number,
  epochs: number,
): never {
  const one = scorer.seconds?.({ epochs }, context) ?? 0;
  const needed = Math.ceil((scorer.setup?.(context) ?? 0) + candidates * one);
  throw new UsageError(
    `${owner}: expected a budget of ${needed} s or more, for ${candidates} scores of ${one.toPrecision(2)} s, but received ${Math.floor(context.seconds)} s; raise --budget, or lower the epochs of the trial`,
  );
}
