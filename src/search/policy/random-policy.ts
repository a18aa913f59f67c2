/** Policies by chance: what a search has to beat. */
import { Draws, type Key, UsageError } from '../../core/index.js';
import type { SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { withStages } from './batch-stages.js';
import type { OpSetting, PolicySetting } from './policy.js';

/**
 * A random policy of the space's shape: in each stage of each sub-policy one op with equal odds, p ~ U(0, 1), and a range
 * of magnitudes whose width ~ U(0, high − low) and whose center is uniform where the range lies within the op's bounds.
 * Shares of stages of batches ~ U(0, 1), and their strengths are uniform in their bounds.
 * A pure function of the key.
 *
 * @throws {UsageError} if the space has no op
 *
 * @example randomPolicy(searchSpace({ subPolicies: 5 }), keyOf(0)).subPolicies.length // → 5
 */
export function randomPolicy(space: SearchSpace, key: Key): PolicySetting {
  checkOps(space);
  const draws = new Draws(key);
  const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);
  return {
    subPolicies: times(space.subPolicies, () => ({
      weight: 1,
      stages: times(space.stages, () => [randomSetting(draws.choice(space.ops), draws)]),
    })),
    ...randomStages(space, draws),
  };
}

/**
 * A uniform policy of the space's shape: in each stage of each sub-policy every op with equal odds, and for each p ~ U(0, 1)
 * and a range as in `randomPolicy`. It is what a search starts from, without what it learns. A pure function of the key.
 *
 * @throws {UsageError} if the space has no op
 *
 * @example uniformPolicy(searchSpace({ stages: 1 }), keyOf(0)).subPolicies[0]?.stages[0]?.length // → 23
 */
export function uniformPolicy(space: SearchSpace, key: Key): PolicySetting {
  checkOps(space);
  const draws = new Draws(key);
  return {
    subPolicies: Array.from({ length: space.subPolicies }, () => ({
      weight: 1,
      stages: Array.from({ length: space.stages }, () => space.ops.map((op) => randomSetting(op, draws))),
    })),
    ...randomStages(space, draws),
  };
}

/** Shares and strengths are uniform. */
const randomStages = ({ batchStages }: SearchSpace, draws: Draws) =>
  withStages(batchStages, ({ strength }) => [
    draws.uniform(),
    strength && draws.uniform(strength.low, strength.high),
  ]);

function checkOps({ ops }: SearchSpace): void {
  if (ops.length > 0) return;
  throw new UsageError('search space: expected at least one op but it has none; allow an op');
}

/** An op with a random probability and range. */
function randomSetting({ name, magnitude }: SearchOp, draws: Draws): OpSetting {
  const p = draws.uniform();
  if (!magnitude) return { op: name, weight: 1, p };
  const { low: least, high: most } = magnitude;
  const width = draws.uniform() * (most - least);
  const low = Math.min(draws.uniform(least, most - width), most);
  return { op: name, weight: 1, p, low, high: Math.min(low + width, most) };
}
