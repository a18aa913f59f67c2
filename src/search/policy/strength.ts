/** How much a policy does to an image, as one number. */
import { nearest, show, UsageError } from '../../core/index.js';
import { reachOf, type SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { momentsOf } from '../space/whole.js';
import { stageDistance, stageNamed } from './batch-stages.js';
import type { OpSetting, PolicySetting } from './policy.js';

/**
 * Mean number of ops that are applied to an image, each weighted by how far its magnitude is from neutral: Σ over
 * sub-policies, stages and ops of odds · p · E|m − neutral| ÷ (farthest bound − neutral). An op without magnitude counts
 * 1 whenever it is applied; so do stages of batches, by their shares. Within the bounds of the space it lies in
 * [0, stages + batch stages].
 *
 * @throws {UsageError} if the space lacks an op of the policy
 *
 * @example
 * const space = searchSpace({ only: ['rotate'] });
 * strengthOf(space, equalOdds(space, { stages: 1, untouched: 0, cap: 1, magnitudes: 'upTo' })) // → 0.5
 */
export function strengthOf(
  space: SearchSpace,
  { subPolicies, network, batchStages = [] }: PolicySetting,
): number {
  const total = sum(subPolicies.map(({ weight }) => weight));
  const each = subPolicies.map(({ weight, stages }) => (weight / total) * sum(stages.map(ofStage(space))));
  const ofNetwork = sum((network?.figures ?? []).map(({ strength }) => strength));
  return (
    sum(each) +
    ofNetwork +
    sum(batchStages.map((one) => one.share * stageDistance(stageNamed(space, one.stage), one)))
  );
}

const ofStage = (space: SearchSpace) => (stage: readonly OpSetting[]) => {
  const total = sum(stage.map(({ weight }) => weight));
  return sum(stage.map((setting) => (setting.weight / total) * setting.p * distanceOf(space, setting)));
};

/** How far the magnitudes of a setting are from neutral in the mean, as a share of how far they can be. */
export function distanceOf(space: SearchSpace, setting: OpSetting): number {
  const { magnitude } = opNamed(space, setting.op);
  if (!magnitude) return 1;
  const { low = magnitude.low, high = magnitude.high } = setting;
  const reach = reachOf(magnitude);
  return reach > 0 ? momentsOf(magnitude, low, high).distance / reach : 0;
}

/** @throws {UsageError} if the space has no such op */
export function opNamed({ ops }: SearchSpace, name: string): SearchOp {
  const op = ops.find((one) => one.name === name);
  if (op) return op;
  const names = ops.map((one) => one.name);
  const near = nearest(name, names);
  throw new UsageError(
    `policy: the search space has no op ${show(name)}; ${near ? `did you mean '${near}'?` : `it has ${names.join(', ')}`}`,
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
