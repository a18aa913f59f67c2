/** What a policy does to batches: as operators, as JSON, and where a search begins. */
import type { OperatorFunction } from 'rxjs';
import type { StageJson, StepJson } from '../../augment/index.js';
import { type Batch, expected, nearest, show, UsageError } from '../../core/index.js';
import { NETWORK, networkOperator } from '../network/operator.js';
import { networkSha256 } from '../network/saved-network.js';
import type { BatchStage } from '../space/batch-stage.js';
import { reachOf } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import type { PolicySetting, StageSetting } from './policy.js';
import { LEAST, rounded } from './rounded.js';

/** @throws {UsageError} if the space has no such stage */
export function stageNamed({ batchStages = [] }: SearchSpace, name: string): BatchStage {
  const stage = batchStages.find((one) => one.name === name);
  if (stage) return stage;
  const names = batchStages.map((one) => one.name);
  const near = nearest(name, names);
  throw new UsageError(
    `policy: the search space has no batch stage ${show(name)}; ${near ? `did you mean '${near}'?` : `it has ${names.join(', ') || 'none'}`}`,
  );
}

/** How far a strength is from neutral, as a share of how far it can be; 1 for a stage without. */
export function stageDistance({ strength }: BatchStage, setting: StageSetting): number {
  if (!strength) return 1;
  const reach = reachOf(strength);
  return reach > 0 ? Math.abs((setting.strength ?? strength.neutral) - strength.neutral) / reach : 0;
}

/** Where searches begin that do not learn of stages: half of the images, the middle of the bounds. Nothing without stages. */
export function startStages({ batchStages = [] }: SearchSpace): Pick<PolicySetting, 'batchStages'> {
  return withStages(batchStages, ({ strength }) => [0.5, strength && (strength.low + strength.high) / 2]);
}

/** Settings of all stages by a function that gives share and strength; nothing without stages. */
export function withStages(
  batchStages: readonly BatchStage[] | undefined,
  setting: (stage: BatchStage) => readonly [share: number, strength: number | undefined],
): Pick<PolicySetting, 'batchStages'> {
  if (!batchStages?.length) return {};
  return {
    batchStages: batchStages.map((stage) => {
      const [share, strength] = setting(stage);
      return { stage: stage.name, share, ...(strength !== undefined && { strength }) };
    }),
  };
}

/** Stages that do something, in the order of the space, with the numbers that are applied. */
export function activeStages(
  space: SearchSpace,
  { batchStages = [] }: PolicySetting,
): { readonly stage: BatchStage; readonly share: number; readonly strength: number }[] {
  const made = batchStages.map((setting) => {
    const stage = stageNamed(space, setting.stage);
    return { stage, share: shareOf(setting), strength: strengthOf(stage, setting) };
  });
  const twice = batchStages.find(({ stage }, i) => batchStages.findIndex((one) => one.stage === stage) !== i);
  if (twice) throw new UsageError(`policy: batch stage ${show(twice.stage)} is there twice; leave one out`);
  const order = (space.batchStages ?? []).map(({ name }) => name);
  return made
    .filter(({ stage, share, strength }) => share >= LEAST && !(stage.strength && strength === 0))
    .sort((a, b) => order.indexOf(a.stage.name) - order.indexOf(b.stage.name));
}

function shareOf({ stage, share }: StageSetting): number {
  if (share >= 0 && share <= 1) return rounded(share);
  throw new UsageError(expected(`policy: ${stage}: share`, 'a number in 0..1', share, 'fix the policy'));
}

function strengthOf({ strength: bounds }: BatchStage, { stage, strength }: StageSetting): number {
  const where = `policy: ${stage}: strength`;
  if (!bounds) {
    if (strength === undefined) return 0;
    throw new UsageError(expected(where, 'none', strength, 'leave it out'));
  }
  const { low, high } = bounds;
  if (strength === undefined || !(strength >= low - 1e-9 && strength <= high + 1e-9))
    throw new UsageError(expected(where, `a number in ${low}..${high}`, strength, 'fix the policy'));
  return Math.min(high, Math.max(low, rounded(strength)));
}

/**
 * What a policy does to batches, as operators behind `batch`, in order, its network first; none where it does nothing to them. Shares and
 * strengths are rounded to four significant digits; a stage with a share below 1/1000 or a strength of 0 is left out.
 *
 * @throws {UsageError} if a stage is not in the space, a share is not in 0..1, or a strength is out of its bounds
 *
 * @example
 * const space = searchSpace({ batchStages: [mixupStage()] });
 * const batchStages = [{ stage: 'mixup', share: 0.5, strength: 0.2 }];
 * stagesOf(space, { subPolicies: [], batchStages }).length // → 1
 */
export const stagesOf = (space: SearchSpace, policy: PolicySetting): OperatorFunction<Batch, Batch>[] => [
  ...(policy.network ? [networkOperator(policy.network.saved)] : []),
  ...activeStages(space, policy).map(({ stage, share, strength }) => stage.make(share, strength)),
];

/** What a policy does to batches, by name. */
export const namesOnBatches = (space: SearchSpace, policy: PolicySetting): string[] => [
  ...(policy.network ? [NETWORK] : []),
  ...activeStages(space, policy).map(({ stage }) => stage.name),
];

/** The same as JSON: what computes with models, and what mixes. */
export function stagesJson(
  space: SearchSpace,
  policy: PolicySetting,
): { readonly stages: readonly StageJson[]; readonly batch: readonly StepJson[] } {
  const all = activeStages(space, policy).map(({ stage, share, strength }) => stage.json(share, strength));
  const isStage = (one: StepJson | StageJson): one is StageJson => 'model' in one;
  const { network } = policy;
  const own = network ? [{ op: NETWORK, options: network.saved, model: networkSha256(network.saved) }] : [];
  return { stages: [...own, ...all.filter(isStage)], batch: all.filter((one) => !isStage(one)) };
}
