/** A search as figures for programs: the last line of `rxaug search --json`, and what the readable reports are made from. */
import { UsageError } from '../../core/index.js';
import { meanAndStd } from '../../report/spread.js';
import { FOUND } from '../arms.js';
import type { Arm, OpWorth, SearchResult, SplitDigest } from '../result.js';
import type { SearchSpace } from '../space/search-space.js';
import { type Applied, appliedOf } from './applied.js';
import { type ArmFigures, armFigures, type Versus, versus } from './arms.js';
import { conclusionOf, type Verdict } from './conclusion.js';
import { chosenSearch, warningsOf } from './warnings.js';

/** Accuracies and their differences are shares, in [0, 1]; null is what is not known. */
export interface SearchSummary {
  /** Path of the chosen policy. */
  readonly policy: string | null;
  readonly strategy: string;
  readonly seconds: number;
  readonly conclusion: string;
  readonly found: ArmSummary;
  readonly controls: readonly (ArmSummary & { readonly name: string })[];
  /** Found minus each control, over pairs, with 95 % t-intervals. */
  readonly versus: readonly {
    readonly control: string;
    readonly difference: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly pairs: number;
  }[];
  /** Of the chosen policy; every op of the space. */
  readonly ops: readonly OpSummary[];
  /** Of the search whose policy is chosen: root mean square of how far its parameters moved from their start. */
  readonly moved: number | null;
  readonly effectiveOps: number | null;
  readonly verdict: Verdict;
  /** The control that found is judged by. */
  readonly best: string | null;
  /** Mean number of ops for an image, each weighted by its distance from neutral. */
  readonly strength: number | null;
  readonly pipeline: string;
  readonly seed: number;
  readonly budget: number;
  readonly searches: readonly {
    readonly seed: number;
    readonly seconds: number;
    readonly moved: number | null;
    readonly effectiveOps: number;
    readonly strength: number;
    /** Of the trainings with this search's policy. */
    readonly mean: number | null;
    readonly sd: number | null;
    readonly runs: readonly number[];
    readonly withoutGradient: readonly string[];
    /** Candidates whose training diverged. */
    readonly diverged: number;
    /** Mean difference of its own trainings from the best control, over pairs. */
    readonly versusBest: number | null;
    /** Whether its policy is the chosen one. */
    readonly chosen: boolean;
  }[];
  /** Standard deviation (n − 1) of the searches' mean accuracies: the intervals are over pairs, and do not hold it. */
  readonly betweenSearches: number | null;
  /** Arms with trainings that diverged; these are in no figure. */
  readonly diverged: readonly { readonly arm: string; readonly trainings: number }[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly splits: Readonly<Record<string, SplitDigest>>;
}

interface ArmSummary {
  readonly mean: number | null;
  /** Of single trainings (n − 1). */
  readonly sd: number | null;
  readonly runs: readonly number[];
}

interface OpSummary {
  readonly op: string;
  readonly share: number;
  readonly strength: number;
  /** Mean over the searches whose policy applies it; null where the chosen policy does not. */
  readonly worth: number | null;
  /** Magnitudes when applied: mean, standard deviation, and what can be drawn at all. */
  readonly magnitude: {
    readonly mean: number;
    readonly sd: number;
    readonly low: number;
    readonly high: number;
    readonly unit: string;
  } | null;
}

/** Everything that a report shows, computed once. */
export interface Findings {
  readonly result: SearchResult;
  readonly found: ArmFigures;
  readonly controls: readonly ArmFigures[];
  readonly versus: readonly Versus[];
  /** Of each search. */
  readonly applied: readonly Applied[];
  /** Trainings of each search's policy. */
  readonly bySearch: readonly ArmFigures[];
  /** Index of the search whose policy is chosen. */
  readonly chosen?: number;
  /** Of the ops that the chosen policy applies. */
  readonly worth: ReadonlyMap<string, number>;
  /** Of those that only other searches' policies apply. */
  readonly worthElsewhere: ReadonlyMap<string, number>;
  readonly summary: SearchSummary;
}

/**
 * All figures of a search and its conclusion.
 *
 * @param space the ops that were searched
 * @param policy path of the policy file, copied into the summary
 * @throws UsageError for a policy that does not fit the space, and for two arms of one name
 *
 * @example
 * // A search that was written by `rxaug search`: report.json holds its result.
 * const conclusion = (result: SearchResult, space: SearchSpace) => findingsOf(result, { space }).summary.conclusion;
 */
export function findingsOf(
  result: SearchResult,
  { space, policy = null }: { readonly space: SearchSpace; readonly policy?: string | null },
): Findings {
  const arm = result.arms.find(({ name }) => name === FOUND) ?? { name: FOUND, runs: [] };
  const others = result.arms.filter((one) => one !== arm);
  checkNames([arm, ...others]);
  const found = armFigures(arm);
  const controls = others.map(armFigures);
  const against = others.map((control) => versus(arm, control));
  const { verdict, sentence, best } = conclusionOf(found, controls, against, {
    classes: result.classes.length,
    images: result.splits.test?.images ?? 0,
  });
  const chosen = chosenSearch(result.searches);
  const applied = result.searches.map((search) => appliedOf(search.policy, space));
  const armOf = (i: number) => ({
    name: FOUND,
    // By itself a search counts a training that it shares, too.
    runs: arm.runs.filter(({ search = 0 }) => search === i).map(({ sharedWith: _, ...run }) => run),
  });
  const bySearch = result.searches.map((_, i) => armFigures(armOf(i)));
  const judge = others.find(({ name }) => name === best);
  const ownVersus = result.searches.map((_, i) => judge && versus(armOf(i), judge));
  const own = chosen === undefined ? undefined : applied[chosen];
  const isApplied = ({ op }: OpWorth) => own?.ops.some((one) => one.op === op && one.share > 0) ?? false;
  const measured = result.worth.filter((one) => Number.isFinite(one.worth));
  const worthOf = (ops: readonly OpWorth[]) => new Map(ops.map(({ op, worth }) => [op, worth]));
  const worth = worthOf(measured.filter(isApplied));
  const worthElsewhere = worthOf(measured.filter((one) => !isApplied(one)));
  const summary: SearchSummary = {
    policy,
    strategy: result.strategy,
    seconds: result.seconds,
    conclusion: sentence,
    found: armSummary(found),
    controls: controls.map((control) => ({ name: control.name, ...armSummary(control) })),
    versus: against.map(({ control, difference, low, high, pairs }) => ({
      ...{ control, difference: known(difference), low: known(low), high: known(high), pairs },
    })),
    ops: (own?.ops ?? []).map(({ op, share, strength, magnitude, bounds }) => ({
      ...{ op, share, strength, worth: known(worth.get(op)) },
      magnitude: magnitude && bounds ? { ...magnitude, unit: bounds.unit } : null,
    })),
    moved: known(chosen === undefined ? undefined : result.searches[chosen].moved),
    effectiveOps: known(own?.effectiveOps),
    verdict,
    best: best ?? null,
    strength: known(own?.strength),
    pipeline: result.pipeline,
    seed: result.seed,
    budget: result.budget,
    searches: result.searches.map(({ seed, seconds, moved, withoutGradient, diverged = 0 }, i) => ({
      ...{ seed, seconds, moved: known(moved) },
      ...{ effectiveOps: applied[i].effectiveOps, strength: applied[i].strength },
      ...armSummary(bySearch[i]),
      ...{ withoutGradient, diverged, versusBest: known(ownVersus[i]?.difference), chosen: i === chosen },
    })),
    betweenSearches: known(meanAndStd(bySearch.flatMap(({ mean }) => mean ?? []))?.deviation),
    diverged: [found, ...controls].flatMap(({ name, failed }) =>
      failed > 0 ? [{ arm: name, trainings: failed }] : [],
    ),
    warnings: warningsOf({ result, found, controls, against, best, chosen }),
    notes: result.notes,
    splits: result.splits,
  };
  return {
    ...{ result, found, controls, versus: against, applied, bySearch, chosen },
    ...{ worth, worthElsewhere, summary },
  };
}

const armSummary = ({ mean, sd, runs }: ArmFigures): ArmSummary => ({
  mean: known(mean),
  sd: known(sd),
  runs,
});

/** JSON has no undefined, and would write NaN as null too. */
const known = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

function checkNames(arms: readonly Arm[]): void {
  const names = arms.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new UsageError(`report: expected arms of different names but received '${twice}' twice; rename one`);
}
