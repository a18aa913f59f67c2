/** Successive halving: many short trainings, the best of them longer, the best of those longest. */
import type { PolicySetting } from '../policy/policy.js';
import { fewestEpochs, fitting, refuse } from './allotment.js';
import { numbered, ranked, type Scores } from './history.js';
import type { Candidate, Scorer, StrategyContext } from './strategy.js';

/** A third of the candidates of a rung goes on to the next, with three times the epochs. */
const FACTOR = 3;
/** Candidates of the last rung, and how often each of them may be trained. */
const LAST = 3;
const MOST_PAIRS = 8;

export interface Rung {
  readonly candidates: number;
  readonly epochs: number;
  /** How many pairs each candidate is trained for; scores are means over all of them. */
  readonly pairs: number;
}

/** What rungs follow from. */
interface Ladder {
  readonly rungs: number;
  /** Of the first rung. */
  readonly epochs: number;
  /** Of the last rung. */
  readonly pairs: number;
}

/**
 * The rungs that fit a budget: the most candidates whose first trainings have at least a quarter of a trial's epochs, each
 * rung with three times the epochs of the one before, up to a whole trial. What is left then goes into longer trainings until
 * the last are whole trials, then into further pairs of the last rung, then into longer ones again.
 *
 * @param most candidates that there are
 * @throws {UsageError} if not even three candidates can be trained once
 */
export function rungsOf(owner: string, scorer: Scorer, context: StrategyContext, most: number): Rung[] {
  const whole = context.problem.trial.epochs;
  const shortest = fewestEpochs(context);
  if (fitting(scorer, context, shortest) < LAST) refuse(owner, scorer, context, LAST, shortest);
  let best: Ladder = { rungs: 1, epochs: shortest, pairs: 1 };
  const take = (change: (ladder: Ladder) => Ladder, goOn: (ladder: Ladder) => boolean) => {
    while (goOn(best) && fits(climb(change(best), whole), scorer, context)) best = change(best);
  };
  const longer = (ladder: Ladder) => ({ ...ladder, epochs: ladder.epochs + 1 });
  take(
    (ladder) => ({ ...ladder, rungs: ladder.rungs + 1 }),
    ({ rungs }) => FACTOR ** (rungs + 1) <= most,
  );
  take(longer, ({ rungs, epochs }) => epochs * FACTOR ** (rungs - 1) < whole);
  take(
    (ladder) => ({ ...ladder, pairs: ladder.pairs + 1 }),
    ({ pairs }) => pairs < MOST_PAIRS,
  );
  take(longer, ({ epochs }) => epochs < whole);
  return climb(best, whole);
}

function climb({ rungs, epochs, pairs }: Ladder, whole: number): Rung[] {
  return Array.from({ length: rungs }, (_, k) => ({
    candidates: FACTOR ** (rungs - k),
    epochs: Math.min(whole, epochs * FACTOR ** k),
    pairs: k === rungs - 1 ? pairs : 1,
  }));
}

function fits(rungs: readonly Rung[], scorer: Scorer, context: StrategyContext): boolean {
  const seconds = rungs.map(
    ({ candidates, epochs, pairs }) => candidates * pairs * (scorer.seconds?.({ epochs }, context) ?? 0),
  );
  return seconds.reduce((sum, one) => sum + one, scorer.setup?.(context) ?? 0) <= context.seconds;
}

/** A rung at work: whose turn it is, and their trainings. */
export interface Round {
  /** Numbers of the settings that are compared. */
  readonly settings: readonly number[];
  readonly candidates: readonly Candidate[];
}

/**
 * The rounds that have begun: of each but the last all scores are known. The k-th uses pairs of its own, so nobody goes on
 * because the same luck came twice; and only scores of one round, over the same pairs, are ever compared.
 */
export function rounds(rungs: readonly Rung[], policies: readonly PolicySetting[], scores: Scores): Round[] {
  const made: Round[] = [];
  let settings = [...policies.keys()].slice(0, rungs[0]?.candidates);
  let pair = 0;
  for (const [k, rung] of rungs.entries()) {
    const before = made[k - 1];
    if (before)
      settings = standings(before, scores)
        .slice(0, rung.candidates)
        .map(({ setting }) => setting);
    const pairs = Array.from({ length: rung.pairs }, (_, i) => pair + i);
    pair += rung.pairs;
    const candidates = pairs.flatMap((one) =>
      settings.map((setting) => ({
        name: nameOf(k, setting, one),
        policy: policies[setting] as PolicySetting,
        epochs: rung.epochs,
        pair: one,
      })),
    );
    made.push({ settings, candidates });
    if (!candidates.every(({ name }) => scores.has(name))) break;
  }
  return made;
}

const nameOf = (rung: number, setting: number, pair: number) =>
  `${numbered(`rung${rung}`, setting)}-pair${pair}`;

/** A setting with the mean of its scores. */
export interface Standing {
  readonly setting: number;
  readonly score: number;
}

/**
 * Settings of a round, best first: by the mean over those of its pairs for which every setting has a score. Those that score
 * alike stay in their order. None, where no pair is whole.
 */
export function standings({ settings, candidates }: Round, scores: Scores): Standing[] {
  const n = settings.length;
  const pairs = Array.from({ length: candidates.length / n }, (_, i) =>
    candidates.slice(i * n, (i + 1) * n).map(({ name }) => scores.get(name)),
  ).filter((pair): pair is number[] => !pair.includes(undefined));
  if (pairs.length === 0) return [];
  const means = settings.map((setting, i) => ({
    setting,
    score: pairs.reduce((sum, pair) => sum + (pair[i] as number), 0) / pairs.length,
  }));
  return ranked(means, ({ score }) => score);
}

/**
 * The best setting so far: of the last round of which a pair is whole. Where the first round was cut short, the best of those
 * that were trained for its first pair. Undefined where there is none.
 */
export function bestSetting(begun: readonly Round[], scores: Scores): number | undefined {
  for (const round of [...begun].reverse()) {
    const [best] = standings(round, scores);
    if (best) return best.setting;
  }
  const { settings, candidates } = begun[0] as Round;
  const first = candidates.slice(0, settings.length);
  const trained = [...settings.keys()].filter((i) => scores.has((first[i] as Candidate).name));
  const [best] = ranked(trained, (i) => scores.get((first[i] as Candidate).name) as number);
  return best === undefined ? undefined : settings[best];
}
