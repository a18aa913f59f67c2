/** The same policy, stronger or weaker: policies are compared fairly only at equal strength. */
import { UsageError } from '../../core/index.js';
import type { Magnitude } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { stageNamed } from './batch-stages.js';
import type { OpSetting, PolicySetting, StageSetting } from './policy.js';
import { opNamed, strengthOf } from './strength.js';

/** Halvings of an interval: 2⁻⁵⁰ of it is left. */
const HALVINGS = 50;

/**
 * The policy at a given strength (`strengthOf`). Probabilities move first, all by one factor of the odds of not applying:
 * p' = 1 − (1 − p)^f. Where p' = 1 is not enough, ranges move toward the bound that is farther from neutral on their side,
 * all by the same share of the way. Odds of ops stay. Undefined where even that is weaker, or nothing in it can be stronger.
 *
 * @throws {UsageError} for a policy with an augmentation network, whose strength is in its weights
 *
 * @example
 * const space = searchSpace();
 * const weak = withStrength(space, randomPolicy(space, keyOf(0)), 0.1);
 * weak && strengthOf(space, weak).toFixed(6) // → '0.100000'
 */
export function withStrength(
  space: SearchSpace,
  policy: PolicySetting,
  strength: number,
): PolicySetting | undefined {
  if (policy.network)
    throw new UsageError(
      'withStrength: expected a policy of operations but received an augmentation network, whose strength is in its weights; compare it as it is',
    );
  const strengthAt = (make: (x: number) => PolicySetting) => (x: number) => strengthOf(space, make(x));
  const odds = (x: number) =>
    each(
      policy,
      (setting) => ({ ...setting, p: moreOften(setting.p, x) }),
      (one) => ({ ...one, share: moreOften(one.share, x) }),
    );
  if (strengthAt(odds)(1) >= strength) return odds(solve(strengthAt(odds), strength));
  const moved = (x: number) =>
    each(
      odds(1),
      (setting) => farther(space, setting, x),
      (one) => stronger(space, one, x),
    );
  if (strengthAt(moved)(1) < strength) return undefined;
  return moved(solve(strengthAt(moved), strength));
}

/** The strength at which `withStrength` ends: every op that is applied at all is always applied, as far as it goes. */
export function greatestStrength(space: SearchSpace, policy: PolicySetting): number {
  const most = each(
    policy,
    (setting) => farther(space, { ...setting, p: moreOften(setting.p, 1) }, 1),
    (one) => stronger(space, { ...one, share: moreOften(one.share, 1) }, 1),
  );
  return strengthOf(space, most);
}

/** x in [0, 1] stands for the factor f = x/(1 − x), from 0 to ∞. */
const moreOften = (p: number, x: number) =>
  p === 0 ? 0 : x === 1 ? 1 : 1 - (1 - Math.min(p, ALMOST)) ** (x / (1 - x));

/** Certainty has infinite odds, which no factor would lower. */
const ALMOST = 1 - 1e-9;

function farther(space: SearchSpace, setting: OpSetting, share: number): OpSetting {
  const { magnitude } = opNamed(space, setting.op);
  const { low, high } = setting;
  if (!magnitude || low === undefined || high === undefined) return setting;
  const bound = boundOf(magnitude, low, high);
  // Rounding must not carry it past the bounds.
  const within = (value: number) => Math.min(magnitude.high, Math.max(magnitude.low, value));
  const toward = (end: number) => within(end + share * (bound - end));
  return { ...setting, low: toward(low), high: toward(high) };
}

/** Strengths of stages lie above neutral. */
function stronger(space: SearchSpace, setting: StageSetting, share: number): StageSetting {
  const { strength: bounds } = stageNamed(space, setting.stage);
  const { strength } = setting;
  if (!bounds || strength === undefined) return setting;
  return { ...setting, strength: Math.min(bounds.high, strength + share * (bounds.high - strength)) };
}

/** The bound on the side of neutral where the range mostly is; where it is on both alike, the farther one. */
function boundOf({ low: least, high: most, neutral }: Magnitude, low: number, high: number): number {
  const side = (low + high) / 2 - neutral || most + least - 2 * neutral;
  return side < 0 ? least : most;
}

/** The x in [0, 1] at which a function that grows with x reaches a value that it has at 1. */
function solve(f: (x: number) => number, value: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < value) low = middle;
    else high = middle;
  }
  return high;
}

function each(
  { subPolicies, batchStages }: PolicySetting,
  make: (setting: OpSetting) => OpSetting,
  makeStage: (setting: StageSetting) => StageSetting,
): PolicySetting {
  return {
    ...(batchStages && { batchStages: batchStages.map(makeStage) }),
    subPolicies: subPolicies.map(({ weight, stages }) => ({
      weight,
      stages: stages.map((stage) => stage.map(make)),
    })),
  };
}
