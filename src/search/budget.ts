/** How a budget is divided among searches, trainings of arms, and the rest. */
import { UsageError } from '../core/index.js';
import { duration } from '../report/format.js';
import type { Plan } from './plan.js';
import type { Cost } from './strategies/strategy.js';

export interface BudgetQuestion {
  /** Seconds in all. */
  readonly budget: number;
  /** Seconds that are gone: loading and measuring. */
  readonly elapsed: number;
  readonly cost: Cost;
  readonly controls: number;
  readonly trainImages: number;
  readonly testImages: number;
  readonly epochs: number;
  /** Seconds of what each op is worth. */
  readonly worth: number;
  /** Pairs beyond which no round is added; default 30: no interval gets much narrower. */
  readonly most?: number;
}

/** Independent searches: one alone could be luck. */
const SEARCHES = 2;
/** Trainings of each arm: as many as there is time for, and at least so many. */
const PAIRS = { wanted: 3, least: 2 };
/** Shares of the budget for the searches: as planned, and where trainings would be too few. */
const SHARES = [0.3, 0.2, 0.1];
/** More does not help a search; what is left over goes to further trainings. */
const LARGEST_SHARE = 0.5;
const MOST = 30;
/** Left for the report, in seconds and as a share; whichever is more. */
const RESERVE = { seconds: 3, share: 0.02 };
/** What each op is worth may take so much of the budget. */
const WORTH = 0.1;

type Division = Pick<Plan, 'searches' | 'pairs' | 'most' | 'searchSeconds' | 'worthSeconds' | 'roundSeconds'>;

/**
 * Two searches, and as many pairs as fit, at least three where the budget allows it, at least two anyway. The time left
 * over goes to the searches.
 *
 * @throws UsageError for a budget that is too small, with the smallest that would do
 */
export function divide(question: BudgetQuestion): Division {
  const { budget, elapsed, most = MOST } = question;
  const roundSeconds = (SEARCHES + question.controls) * trainingSeconds(question);
  const reserve = Math.max(RESERVE.seconds, RESERVE.share * budget);
  const worthSeconds = question.worth <= WORTH * budget ? question.worth : 0;
  const left = budget - elapsed - reserve - worthSeconds;
  for (const wanted of [PAIRS.wanted, PAIRS.least]) {
    for (const share of SHARES) {
      const pairs = Math.floor((left - share * budget) / roundSeconds);
      if (pairs < Math.min(wanted, most)) continue;
      const planned = Math.min(pairs, most);
      const searchSeconds = Math.min(left - planned * roundSeconds, LARGEST_SHARE * budget);
      return { searches: SEARCHES, pairs: planned, most, searchSeconds, worthSeconds, roundSeconds };
    }
  }
  const least =
    (elapsed + PAIRS.least * roundSeconds + RESERVE.seconds) / (1 - RESERVE.share - Math.min(...SHARES));
  throw new UsageError(
    `search: --budget: expected at least ${duration(Math.ceil(1.05 * least))} for ${SEARCHES} searches and ${PAIRS.least} trainings of each of ${question.controls + 1} arms, ${duration(trainingSeconds(question))} each, but received ${duration(budget)}; raise it, or lower the epochs or the images of trial`,
  );
}

/** Of the clock, with trainings side by side. */
export function trainingSeconds({
  cost,
  trainImages,
  testImages,
  epochs,
}: Pick<BudgetQuestion, 'cost' | 'trainImages' | 'testImages' | 'epochs'>): number {
  const measured = (trainImages + testImages) * cost.secondsPerForward;
  return epochs * trainImages * cost.secondsPerImageEpoch + measured;
}
