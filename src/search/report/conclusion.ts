/** What a search shows, in one sentence that is chosen by rule. */
import { printable } from '../../core/index.js';
import type { ArmFigures, Versus } from './arms.js';
import { counted, points, range } from './words.js';

/** 'use' the found policy; 'nothing' to find; 'worse' than a control; 'unknown': not enough to say. */
export type Verdict = 'use' | 'nothing' | 'worse' | 'unknown';

export interface Conclusion {
  readonly verdict: Verdict;
  readonly sentence: string;
  /** The control that found is judged by: the one with the highest mean. */
  readonly best?: string;
}

/** A gain that users would not want to miss: where the interval still allows it, the sentence asks for more pairs. */
const WORTH_MORE_PAIRS = 0.01;

/** What guessing would reach. */
export interface Chance {
  readonly classes: number;
  /** Test images. */
  readonly images: number;
}

/**
 * The conclusion. The best control is the one with the highest mean, and found is judged by the 95 % interval of the paired
 * difference from it: above 0 is 'use', below 0 is 'worse', else 'nothing'. The interval is over trainings, not over
 * searches: where one of several searches is not better than the control by its own mean, 'use' becomes 'unknown'.
 * 'unknown' are also fewer than two pairs, a training of found or of the best control that diverged, and arms none of which
 * is right more often than by chance, two standard errors allowed.
 */
export function conclusionOf(
  found: ArmFigures,
  controls: readonly ArmFigures[],
  against: readonly Versus[],
  chance: Chance,
): Conclusion {
  const more = 'search again with a larger budget';
  const best = bestOf(controls);
  if (found.failed > 0) return unknown(divergedOf('the found policy', found), best?.name);
  if (found.mean === undefined)
    return unknown(`the found policy has no training with an accuracy; ${more}`, best?.name);
  if (!best) return unknown(`no control has a training with an accuracy; ${more}`);
  if (Math.max(found.mean, best.mean ?? 0) <= guessed(chance))
    return unknown(
      `no arm is right more often than by chance, one in ${chance.classes}; train longer, or on more images`,
      best.name,
    );
  const name = printable(best.name, 40);
  if (best.failed > 0) return unknown(divergedOf(`${name}, the best control,`, best), best.name);
  const own = against.find(({ control }) => control === best.name);
  const { pairs = 0, difference = 0, low, high, frozen = false, bySearch = [] } = own ?? {};
  if (frozen)
    return unknown(
      `found is ${points(difference)} points from ${name} in each of ${counted(pairs, 'pair')}, which tells nothing about the spread; train more pairs, or test on more images`,
      best.name,
    );
  if (low === undefined || high === undefined)
    return unknown(
      `found and ${name}, the best control, share ${counted(pairs, 'pair')} of trainings where an interval needs 2; ${more}`,
      best.name,
    );
  const each = bySearch.length > 1 ? `; by search ${listed(bySearch.map(points))}` : '';
  const interval = `95 % interval ${range(low, high)}, ${counted(pairs, 'pair')}${each}`;
  const left = uncompared(controls);
  if (low > 0 && bySearch.some((one) => one <= 0))
    return unknown(
      `found is ${points(difference)} points from ${name}, ${rank(controls)} (${interval}), but not by each search: which of them is run decides; ${more}${left}`,
      best.name,
    );
  if (low > 0)
    return {
      verdict: 'use',
      sentence: `Use it: ${points(difference)} points over ${name}, ${rank(controls)} (${interval})${left}.`,
      best: best.name,
    };
  if (high < 0)
    return {
      verdict: 'worse',
      sentence: `Nothing to find here: use ${instead(name)}, ${rank(controls)}, which is better; the found policy is ${points(difference)} points from it (${interval})${left}.`,
      best: best.name,
    };
  return {
    verdict: 'nothing',
    sentence: `Nothing to find here: use ${instead(name)}, ${rank(controls)}; the found policy is ${points(difference)} points from it (${interval})${allowed(high)}${left}.`,
    best: best.name,
  };
}

function divergedOf(who: string, { failed, runs }: ArmFigures): string {
  const all = counted(failed + runs.length, 'training');
  const fix = 'lower trial.learningRate, and search again';
  if (runs.length === 0) return `every training of ${who} diverged (${all}); ${fix}`;
  return `${failed} of ${all} of ${who} diverged, and to compare the others alone would flatter it; ${fix}`;
}

/** Controls with a training that diverged: the best may be among them. */
function uncompared(controls: readonly ArmFigures[]): string {
  const all = controls
    .filter(({ failed }) => failed > 0)
    .map(
      ({ name, failed, runs }) => `${printable(name, 40)} (${failed} of ${failed + runs.length} trainings)`,
    );
  return all.length > 0 ? `; not judged, as it diverged: ${listed(all)}` : '';
}

const listed = (words: readonly string[]) =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');

/** An accuracy that guesses may reach. */
function guessed({ classes, images }: Chance): number {
  if (classes < 2 || images < 1) return 0;
  const share = 1 / classes;
  return share + 2 * Math.sqrt((share * (1 - share)) / images);
}

function unknown(why: string, best?: string): Conclusion {
  return { verdict: 'unknown', sentence: `Not enough to say: ${why}.`, best };
}

function bestOf(controls: readonly ArmFigures[]): ArmFigures | undefined {
  return controls.reduce<ArmFigures | undefined>(
    (best, one) => (one.mean !== undefined && !(one.mean <= (best?.mean ?? -1)) ? one : best),
    undefined,
  );
}

const rank = (controls: readonly ArmFigures[]): string => {
  const measured = controls.filter(({ mean }) => mean !== undefined).length;
  return measured === 1 ? 'the only control' : `the best of ${measured} controls`;
};

/** A control as something to use. */
const instead = (name: string): string =>
  ({ nothing: 'no augmentation', uniform: 'a uniform policy' })[name] ?? name;

function allowed(high: number): string {
  if (high <= 0) return '';
  const gain = `, so a gain of ${points(high)} is not ruled out`;
  return high > WORTH_MORE_PAIRS ? `${gain} without more pairs` : gain;
}
