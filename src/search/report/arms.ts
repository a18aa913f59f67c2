/** Arms of a search as figures, and the found arm against each control, pair by pair. */
import { meanAndStd } from '../../report/spread.js';
import { type Interval, meanInterval } from '../../report/student-t.js';
import { type Arm, type ArmRun, isOwn } from '../result.js';

/** An arm over all its trainings. Accuracies are shares, in [0, 1]. */
export interface ArmFigures {
  readonly name: string;
  /** Absent where no training has an accuracy. */
  readonly mean?: number;
  /** Of single trainings (n − 1); absent for fewer than two. */
  readonly sd?: number;
  /** Accuracy of each training, in the order of the pairs. */
  readonly runs: readonly number[];
  /** Of the mean, over pairs; absent for fewer than two. */
  readonly interval?: Interval;
  /** Trainings that diverged, so their accuracy is not a number: they are in no figure. */
  readonly failed: number;
  /** Trainings whose loss on the test images is not a number, with an accuracy all the same. */
  readonly lossless: number;
  readonly seconds: number;
}

/** The found arm minus a control. */
export interface Versus {
  readonly control: string;
  /** Mean over pairs; absent without any. */
  readonly difference?: number;
  /** 95 % t-interval of the mean difference. */
  readonly low?: number;
  readonly high?: number;
  readonly pairs: number;
  /** All pairs differ by exactly the same, and not by 0: that tells nothing about the spread, so there is no interval. */
  readonly frozen: boolean;
  /** Trainings of either arm that have no counterpart. */
  readonly unpaired: number;
  /** Mean difference over pairs of each search by itself, in the order of the searches; they share the trainings of the control. */
  readonly bySearch: readonly number[];
}

export function armFigures({ name, runs: all }: Arm): ArmFigures {
  const runs = all.filter(isOwn);
  const inOrder = [...runs].sort((a, b) => a.pair - b.pair || (a.search ?? 0) - (b.search ?? 0));
  const valid = inOrder.filter(isMeasured);
  const accuracies = valid.map(({ accuracy }) => accuracy);
  const spread = meanAndStd(accuracies);
  return {
    name,
    mean: spread?.mean,
    sd: spread?.deviation,
    runs: accuracies,
    interval: meanInterval([...byPair(valid).values()]),
    failed: runs.length - valid.length,
    lossless: valid.filter(({ loss }) => !Number.isFinite(loss)).length,
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/**
 * Mean and t-interval of found minus control over the pairs that both have. Of several searches in one pair the mean is
 * taken first: their trainings share subset, weights and order, so they are not independent.
 */
export function versus(found: Arm, control: Arm): Versus {
  const measured = [found, control].map(({ runs }) => runs.filter(isMeasured));
  const [own, other] = measured.map(byPair) as [Map<number, number>, Map<number, number>];
  const differences = [...own].flatMap(([pair, accuracy]) => {
    const against = other.get(pair);
    return against === undefined ? [] : [accuracy - against];
  });
  const interval = meanInterval(differences);
  // Differences of shares: equal ones may differ in their last bit.
  const frozen =
    differences.length > 1 && differences.every((one) => one !== 0 && Math.abs(one - differences[0]) < 1e-12);
  return {
    control: control.name,
    difference: interval?.mean,
    low: frozen ? undefined : interval?.low,
    high: frozen ? undefined : interval?.high,
    pairs: differences.length,
    frozen,
    bySearch: bySearch(measured[0] as ArmRun[], other),
    unpaired: measured.flat().filter(({ pair }) => !(own.has(pair) && other.has(pair))).length,
  };
}

/** Means over the pairs that each search and the control have both. */
function bySearch(runs: readonly ArmRun[], control: ReadonlyMap<number, number>): number[] {
  const searches = [...new Set(runs.map(({ search = 0 }) => search))].sort((a, b) => a - b);
  return searches.flatMap((one) => {
    const own = runs.flatMap(({ search = 0, pair, accuracy }) => {
      const against = control.get(pair);
      return search === one && against !== undefined ? [accuracy - against] : [];
    });
    return own.length > 0 ? [own.reduce((sum, each) => sum + each, 0) / own.length] : [];
  });
}

const isMeasured = ({ accuracy }: ArmRun): boolean => Number.isFinite(accuracy);

/** The mean accuracy of each pair. */
function byPair(runs: readonly ArmRun[]): Map<number, number> {
  const pairs = [...new Set(runs.map(({ pair }) => pair))].sort((a, b) => a - b);
  return new Map(
    pairs.map((pair) => {
      const own = runs.filter((run) => run.pair === pair);
      return [pair, own.reduce((sum, { accuracy }) => sum + accuracy, 0) / own.length];
    }),
  );
}
