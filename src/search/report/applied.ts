/** What a policy does to images: how often each op is applied, and how strongly; exact, from its numbers. */
import { RxaugError, show } from '../../core/index.js';
import type { OpSetting, PolicySetting } from '../policy/policy.js';
import type { Magnitude, SearchOp } from '../space/search-op.js';

/** What the report needs of a search space. */
export interface SpaceOps {
  readonly ops: readonly Pick<SearchOp, 'name' | 'magnitude'>[];
}

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
}

/** What a policy does to images. */
export interface Applied {
  /** Every op of the space, the one with the greatest share first. */
  readonly ops: readonly AppliedOp[];
  /** Mean over stages of exp(entropy) of the odds of ops, sub-policies by their weight; 0 without stages. */
  readonly effectiveOps: number;
  /** Mean number of ops that are applied to an image. */
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
 * What a policy does to images, by the op: share of samples, moments of the magnitude, strength.
 *
 * @throws RxaugError for an op that the space has not, a magnitude where it has one and the policy none, and odds that
 * are no odds
 */
export function appliedOf(policy: PolicySetting, space: SpaceOps): Applied {
  const known = new Map(space.ops.map((op) => [op.name, op]));
  const uses: Use[] = [];
  const shares = new Map<string, number>();
  let entropies = 0;
  const subPolicies = odds(
    policy.subPolicies.map(({ weight }) => weight),
    'sub-policies',
  );
  for (const [i, { stages }] of policy.subPolicies.entries()) {
    const part = subPolicies[i];
    const never = new Map<string, number>();
    for (const stage of stages) {
      const chosen = odds(
        stage.map(({ weight }) => weight),
        'the ops of a stage',
      );
      const rates = new Map<string, number>();
      const ofOp = new Map<string, number>();
      for (const [j, setting] of stage.entries()) {
        checkSetting(setting, known.get(setting.op)?.magnitude, known.has(setting.op));
        const rate = chosen[j] * setting.p;
        uses.push({ setting, rate: part * rate });
        add(rates, setting.op, rate);
        add(ofOp, setting.op, chosen[j]);
      }
      for (const [op, rate] of rates) never.set(op, (never.get(op) ?? 1) * (1 - rate));
      entropies += (part * Math.exp(entropy([...ofOp.values()]))) / stages.length;
    }
    for (const [op, none] of never) add(shares, op, part * (1 - none));
  }
  const ops = space.ops.map((op) => {
    const own = uses.filter(({ setting, rate }) => setting.op === op.name && rate > 0);
    return appliedOp(op, shares.get(op.name) ?? 0, own);
  });
  return {
    ops: ops.sort((a, b) => b.share - a.share),
    effectiveOps: entropies,
    count: sum(uses.map(({ rate }) => rate)),
    strength: sum(
      uses.map(({ setting, rate }) => rate * distance(setting, known.get(setting.op)?.magnitude)),
    ),
  };
}

function appliedOp(
  { name, magnitude: bounds }: SpaceOps['ops'][number],
  share: number,
  uses: readonly Use[],
): AppliedOp {
  const total = sum(uses.map(({ rate }) => rate));
  const mean = (value: (setting: OpSetting) => number) =>
    sum(uses.map(({ setting, rate }) => (rate / total) * value(setting)));
  const strength = total > 0 ? share * mean((setting) => distance(setting, bounds)) : 0;
  if (!bounds) return { op: name, share, strength };
  if (total === 0) return { op: name, share, strength, bounds };
  const ends = uses.map(({ setting }) => setting as Required<OpSetting>);
  const center = mean(middle);
  // A mixture of uniform distributions: the variance between them and within each.
  const variance = mean((one) => (middle(one) - center) ** 2 + width(one) ** 2 / 12);
  const magnitude = {
    mean: center,
    sd: Math.sqrt(variance),
    low: Math.min(...ends.map(({ low }) => low)),
    high: Math.max(...ends.map(({ high }) => high)),
  };
  return { op: name, share, strength, magnitude, bounds };
}

const middle = ({ low = 0, high = 0 }: OpSetting) => (low + high) / 2;
const width = ({ low = 0, high = 0 }: OpSetting) => high - low;

/** Mean distance of the magnitudes from neutral; 1 is the farther bound of the space, and where an op has nothing to set. */
function distance({ low = 0, high = 0 }: OpSetting, bounds: Magnitude | undefined): number {
  if (!bounds) return 1;
  const { neutral } = bounds;
  const whole = Math.max(Math.abs(bounds.low - neutral), Math.abs(bounds.high - neutral));
  if (whole === 0) return 0;
  const inside = low < neutral && neutral < high;
  const mean = inside
    ? ((neutral - low) ** 2 + (high - neutral) ** 2) / (2 * (high - low))
    : Math.abs((low + high) / 2 - neutral);
  return Math.min(1, mean / whole);
}

function checkSetting(
  { op, p, low, high }: OpSetting,
  bounds: Magnitude | undefined,
  isKnown: boolean,
): void {
  if (!isKnown)
    throw new RxaugError(
      `applied: expected ops of the search space but received ${show(op)}; report with the space that was searched`,
    );
  if (!(p >= 0 && p <= 1))
    throw new RxaugError(`applied: expected p of ${show(op)} in 0..1 but received ${p}; correct the policy`);
  if (bounds && !(Number.isFinite(low) && Number.isFinite(high) && (low as number) <= (high as number)))
    throw new RxaugError(
      `applied: expected magnitudes low ≤ high of ${show(op)} but received ${low} and ${high}; correct the policy`,
    );
}

/** Weights as parts of 1. */
function odds(weights: readonly number[], what: string): number[] {
  const total = sum(weights);
  if (weights.every((weight) => weight >= 0) && total > 0 && Number.isFinite(total))
    return weights.map((weight) => weight / total);
  throw new RxaugError(
    `applied: expected weights of ${what} that are ≥ 0 and not all 0 but received ${show(weights)}; correct the policy`,
  );
}

const entropy = (parts: readonly number[]) =>
  -sum(parts.map((part) => (part > 0 ? part * Math.log(part) : 0)));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const add = (to: Map<string, number>, name: string, value: number) =>
  to.set(name, (to.get(name) ?? 0) + value);
