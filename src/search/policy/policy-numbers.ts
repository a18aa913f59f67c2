/** A policy as numbers in [0, 1], for strategies that know nothing of ops. */
import { RxaugError } from '../../core/index.js';
import type { SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { withStages } from './batch-stages.js';
import type { OpSetting, PolicySetting } from './policy.js';

/** Odds of ops reach from 10^−this to 1. */
const DECADES = 2;

const countOf = ({ magnitude }: SearchOp) => (magnitude ? 4 : 2);

/**
 * How many numbers describe a policy of the space: the odds of each op, its p, and its range where it has one; the share of
 * each stage of batches, and its strength where it has one.
 */
export const numberCount = ({ ops, batchStages = [] }: SearchSpace): number =>
  ops.reduce((sum, op) => sum + countOf(op), 0) +
  batchStages.reduce((sum, { strength }) => sum + (strength ? 2 : 1), 0);

/**
 * One sub-policy of the space's number of stages, which are alike. For each op in turn: its odds 10^(2v − 2), its p, and the
 * width and the place of its range within the bounds, each as a share of what is possible. Then for each stage of batches its
 * share, and where its strength lies within the bounds.
 */
export function policyFromNumbers(
  { ops, stages, batchStages }: SearchSpace,
  values: readonly number[],
): PolicySetting {
  let at = 0;
  const next = () => values[at++] as number;
  const stage = ops.map(({ name, magnitude }): OpSetting => {
    const weight = 10 ** (DECADES * (next() - 1));
    const p = next();
    if (!magnitude) return { op: name, weight, p };
    const width = next() * (magnitude.high - magnitude.low);
    const low = magnitude.low + next() * (magnitude.high - magnitude.low - width);
    return { op: name, weight, p, low, high: Math.min(magnitude.high, low + width) };
  });
  return {
    subPolicies: [{ weight: 1, stages: Array.from({ length: stages }, () => stage) }],
    ...withStages(batchStages, ({ strength }) => [
      next(),
      strength && strength.low + next() * (strength.high - strength.low),
    ]),
  };
}

/** The numbers of a policy that `policyFromNumbers` made. */
export function numbersOfPolicy(
  { ops, batchStages = [] }: SearchSpace,
  { subPolicies, batchStages: settings = [] }: PolicySetting,
): number[] {
  const stage = subPolicies[0]?.stages[0] ?? [];
  const ofOps = ops.flatMap(({ name, magnitude }, i) => {
    const setting = stage[i];
    if (setting?.op !== name) throw otherSpace();
    const own = [1 + Math.log10(setting.weight) / DECADES, setting.p];
    if (!magnitude) return own;
    const { low = magnitude.low, high = magnitude.high } = setting;
    const [span, width] = [magnitude.high - magnitude.low, high - low];
    return [...own, share(width, span), share(low - magnitude.low, span - width)];
  });
  const ofStages = batchStages.flatMap(({ name, strength }, i) => {
    const setting = settings[i];
    if (setting?.stage !== name) throw otherSpace();
    if (!strength) return [setting.share];
    return [setting.share, share((setting.strength ?? 0) - strength.low, strength.high - strength.low)];
  });
  return [...ofOps, ...ofStages];
}

const otherSpace = () =>
  new RxaugError('search: the history has a policy of another space; start the search anew');

const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0);
