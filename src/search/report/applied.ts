/** What a policy does to images: how often each op is applied, and how strongly; exact, from the numbers that are applied. */

import type { NetworkFigure } from '../network/figures.js';
import { activeStages, stageDistance } from '../policy/batch-stages.js';
import { effectiveOps, opOdds } from '../policy/effective-ops.js';
import { operatorOf } from '../policy/operator.js';
import type { OpSetting, PolicySetting } from '../policy/policy.js';
import { LEAST, oddsOf, rounded } from '../policy/rounded.js';
import { distanceOf } from '../policy/strength.js';
import type { Magnitude, SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { momentsOf, wholeRange } from '../space/whole.js';

/** One op of the space, under a policy. */
export interface AppliedOp {
  readonly op: string;
  /** Part of samples to which it is applied at least once, in [0, 1]. */
  readonly share: number;
  /** share · mean distance from neutral, where 1 is the bound that is farther from neutral; ops without magnitude: 1. */
  readonly strength: number;
  /** Of the magnitude when applied; absent where the op has none or is never applied. */
  readonly magnitude?: {
    readonly mean: number;
    /** Standard deviation. */
    readonly sd: number;
    /** The least and the greatest that can be drawn. */
    readonly low: number;
    readonly high: number;
  };
  /** Of the space; absent where the op has nothing to set. */
  readonly bounds?: Magnitude;
  /** It is a stage of batches, and its magnitude the strength of that. */
  readonly onBatches?: true;
}

/** What a policy does to images. */
export interface Applied {
  /** Every op of the space, the one with the greatest share first; then every stage of batches. */
  readonly ops: readonly AppliedOp[];
  /** Mean over stages of exp(entropy) of the odds of ops; 0 without stages. */
  readonly effectiveOps: number;
  /** Mean number of ops that are applied to an image, stages of batches counted. */
  readonly count: number;
  /** The same, each op weighted by its distance from neutral, in [0, 1]. */
  readonly strength: number;
}

/** An op that may be applied, and how often that is. */
interface Use {
  readonly setting: OpSetting;
  /** Mean number of times for an image. */
  readonly rate: number;
}

/**
 * What a policy does to images, by the op: share of samples, moments of the magnitude, strength. Ops that `operatorOf` leaves
 * out count as never applied.
 *
 * @throws {UsageError} for what `operatorOf` refuses
 *
 * @example
 * const stages = [[{ op: 'rotate', weight: 1, p: 0.5, low: 10, high: 20 }]];
 * const [rotate] = appliedOf({ subPolicies: [{ weight: 1, stages }] }, searchSpace()).ops;
 * rotate?.share // → 0.5
 * rotate?.magnitude?.mean // → 15
 */
export function appliedOf(policy: PolicySetting, space: SearchSpace): Applied {
  operatorOf(space, policy, { stages: 'elsewhere' });
  const stages = appliedStages(space, policy);
  const uses: Use[] = [];
  const shares = new Map<string, number>();
  const parts = oddsOf(
    'policy',
    policy.subPolicies.map(({ weight }) => weight),
  );
  for (const [i, { stages }] of policy.subPolicies.entries()) {
    const part = parts[i] as number;
    const never = new Map<string, number>();
    for (const stage of stages) {
      const rates = new Map<string, number>();
      for (const [setting, odds] of opOdds(stage)) {
        const rate = setting.p < LEAST ? 0 : odds * rounded(setting.p);
        uses.push({ setting, rate: part * rate });
        add(rates, setting.op, rate);
      }
      for (const [op, rate] of rates) never.set(op, (never.get(op) ?? 1) * (1 - rate));
    }
    for (const [op, none] of never) add(shares, op, part * (1 - none));
  }
  const ops = space.ops.map((op) => {
    const own = uses.filter(({ setting, rate }) => setting.op === op.name && rate > 0);
    return appliedOp(space, op, shares.get(op.name) ?? 0, own);
  });
  if (policy.network) return appliedNetwork(policy.network.figures, stages);
  return {
    ops: [...ops.sort((a, b) => b.share - a.share), ...stages],
    effectiveOps: effectiveOps(policy),
    count: sum(uses.map(({ rate }) => rate)) + sum(stages.map(({ share }) => share)),
    strength:
      sum(uses.map(({ setting, rate }) => rate * distanceOf(space, setting))) +
      sum(stages.map(({ strength }) => strength)),
  };
}

/** Of a network: the quantities that describe it, all of which act on every image. */
function appliedNetwork(figures: readonly NetworkFigure[], stages: readonly AppliedOp[]): Applied {
  const ops = figures.map(
    ({ name, bounds, mean, sd, low, high, strength }): AppliedOp => ({
      ...{ op: name, share: 1, strength, magnitude: { mean, sd, low, high }, bounds },
    }),
  );
  return {
    ops: [...ops, ...stages],
    effectiveOps: 1,
    count: 1 + sum(stages.map(({ share }) => share)),
    strength: sum([...ops, ...stages].map(({ strength }) => strength)),
  };
}

/** Stages of the space, in its order, each with the strength that it has. */
function appliedStages(space: SearchSpace, policy: PolicySetting): AppliedOp[] {
  const active = activeStages(space, policy);
  return (space.batchStages ?? []).map((stage): AppliedOp => {
    const { name, strength: bounds } = stage;
    const own = active.find((one) => one.stage === stage);
    const about = { op: name, onBatches: true, ...(bounds && { bounds }) } as const;
    if (!own) return { ...about, share: 0, strength: 0 };
    const { share, strength: value } = own;
    const strength = share * stageDistance(stage, { stage: name, share, strength: value });
    if (!bounds) return { ...about, share, strength };
    return { ...about, share, strength, magnitude: { mean: value, sd: 0, low: value, high: value } };
  });
}

function appliedOp(
  space: SearchSpace,
  { name, magnitude: bounds }: SearchOp,
  share: number,
  uses: readonly Use[],
): AppliedOp {
  const total = sum(uses.map(({ rate }) => rate));
  const mean = (value: (setting: OpSetting) => number) =>
    sum(uses.map(({ setting, rate }) => (rate / total) * value(setting)));
  const strength = total > 0 ? share * mean((setting) => distanceOf(space, setting)) : 0;
  if (!bounds) return { op: name, share, strength };
  if (total === 0) return { op: name, share, strength, bounds };
  const own = ({ low = 0, high = 0 }: OpSetting) => momentsOf(bounds, low, high);
  const center = mean((one) => own(one).mean);
  // A mixture: the variance between the distributions and within each.
  const variance = mean((one) => (own(one).mean - center) ** 2 + own(one).variance);
  const ends = uses.map(({ setting: { low = 0, high = 0 } }) =>
    bounds.whole ? wholeRange(low, high) : ([low, high] as const),
  );
  const magnitude = {
    mean: center,
    sd: Math.sqrt(variance),
    low: Math.min(...ends.map(([low]) => low)),
    high: Math.max(...ends.map(([, high]) => high)),
  };
  return { op: name, share, strength, magnitude, bounds };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const add = (to: Map<string, number>, name: string, value: number) =>
  to.set(name, (to.get(name) ?? 0) + value);
