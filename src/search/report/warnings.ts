/** What a reader of a report must know beside its conclusion: one sentence each. */
import { printable } from '../../core/index.js';
import { FOUND } from '../arms.js';
import type { SearchResult, SearchRun } from '../result.js';
import type { ArmFigures, Versus } from './arms.js';
import { brief, counted } from './words.js';

/** Root mean square of movement below which a policy is largely the one that the search began with. */
export const MOVED_LEAST = 0.1;

interface Judged {
  readonly result: SearchResult;
  readonly found: ArmFigures;
  readonly controls: readonly ArmFigures[];
  readonly against: readonly Versus[];
  readonly best?: string;
  /** Index of the search whose policy is chosen. */
  readonly chosen?: number;
}

export function warningsOf({ result, found, controls, against, best, chosen }: Judged): string[] {
  const { searches, worth } = result;
  const measured = controls.filter(({ mean }) => mean !== undefined);
  return [
    ...searches.flatMap(stillThere),
    ...atStart(searches),
    ...searches.flatMap(divergedOften),
    ...(best !== undefined && measured.length > 1
      ? [
          `${named(best)} is the best of ${measured.length} controls by its mean on these test images: to pick the best of several flatters it, and its lead over the other controls is not tested.`,
        ]
      : []),
    ...(searches.length === 1 ? ['One search only: how far two searches differ is not known.'] : []),
    ...(searches.length > 1 && chosen !== undefined
      ? [
          `The found arm is ${searches.length} searches together; the chosen policy is that of search ${chosen + 1}, ${choice(searches)}.`,
        ]
      : []),
    ...unevenPairs(result),
    ...[found, ...controls].flatMap(faults),
    ...against.flatMap(({ control, unpaired, frozen, pairs }) => [
      ...(unpaired > 0 && found.mean !== undefined && measured.some(({ name }) => name === control)
        ? [
            `${counted(unpaired, 'training')} of found or ${named(control)} have no counterpart of the same pair: they are in the means and not in the difference.`,
          ]
        : []),
      ...(frozen
        ? [
            `Found differs from ${named(control)} by exactly the same in each of ${counted(pairs, 'pair')}: that is no interval.`,
          ]
        : []),
    ]),
    ...worth
      .filter((one) => !Number.isFinite(one.worth))
      .map(({ op }) => `What ${named(op)} is worth is not known: its score is not a number.`),
  ];
}

/**
 * The index of the search whose policy is chosen: the highest `score` at the end of its own trace, else the first. Test
 * images have no say.
 */
export function chosenSearch(searches: readonly SearchRun[]): number | undefined {
  if (searches.length === 0) return undefined;
  const scores = searches.map(scoreOf);
  const valid = scores.filter((score) => score !== undefined);
  return valid.length > 0 ? scores.indexOf(Math.max(...valid)) : 0;
}

function scoreOf({ trace }: SearchRun): number | undefined {
  const score = trace.at(-1)?.values.score;
  return score !== undefined && Number.isFinite(score) ? score : undefined;
}

const choice = (searches: readonly SearchRun[]) =>
  searches.some((one) => scoreOf(one) !== undefined)
    ? 'whose own score ended highest; test images had no say'
    : 'the first, since none tells a score of its own; test images had no say';

/** Where one pair has the policies of other searches than the next, their difference is in the spread. */
function unevenPairs({ arms }: SearchResult): string[] {
  const runs = arms.find(({ name }) => name === FOUND)?.runs ?? [];
  const searchesOf = (pair: number) =>
    runs
      .flatMap((run) => (run.pair === pair && Number.isFinite(run.accuracy) ? [run.search ?? 0] : []))
      .sort();
  const kinds = new Set(runs.map(({ pair }) => searchesOf(pair).join()).filter((kind) => kind !== ''));
  return kinds.size > 1
    ? ['Not every pair holds the same searches: how these differ is part of the interval.']
    : [];
}

const named = (name: string) => printable(name, 40);

function stillThere({ moved }: SearchRun, i: number): string[] {
  if (moved === undefined || moved >= MOVED_LEAST) return [];
  if (Number.isNaN(moved))
    return [`The parameters of search ${i + 1} are not numbers: do not use its policy.`];
  return [
    `The parameters of search ${i + 1} hardly moved (root mean square ${brief(moved)}, below ${MOVED_LEAST}): its policy is largely the one that it began with; give the search more time.`,
  ];
}

/** Stages that were not searched, but are applied. */
function atStart(searches: readonly SearchRun[]): string[] {
  const names = [...new Set(searches.flatMap(({ atStart = [] }) => atStart))];
  if (names.length === 0) return [];
  return [
    `${names.map(named).join(', ')}: this strategy does not search stages of batches; they stay where a search starts, with share ½ and the middle of their bounds.`,
  ];
}

/** Share of diverged candidates above which a strategy mostly learned what does not diverge. */
const OFTEN = 0.2;

function divergedOften({ diverged = 0, trace }: SearchRun, i: number): string[] {
  if (diverged === 0 || diverged <= OFTEN * trace.length) return [];
  return [
    `${counted(diverged, 'candidate')} of search ${i + 1} diverged and counted as the worst: it may have found what trains at this learning rate, rather than what is good; lower trial.learningRate.`,
  ];
}

function faults({ name, runs, failed, lossless, mean }: ArmFigures): string[] {
  const all: string[] = [];
  if (failed > 0)
    all.push(
      `${failed} of ${counted(failed + runs.length, 'training')} of ${named(name)} diverged: ${runs.length > 0 ? 'its figures are those of the others, and flatter it' : 'it has no figures'}.`,
    );
  if (lossless > 0)
    all.push(
      `${counted(lossless, 'training')} of ${named(name)} ended with a loss that is not a number; the accuracy counts all the same.`,
    );
  if (mean === undefined && failed === 0) all.push(`${named(name)} was not trained.`);
  return all;
}
