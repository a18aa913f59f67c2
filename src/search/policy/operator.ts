/**
 * Policies as operators and as JSON. Both come from the same rounded numbers, so what was searched, what is written and
 * what is applied are one distribution.
 */
import {
  asOne,
  type PipelineJson,
  pipelineToJson,
  randomApply,
  type SampleOperator,
  weightedOneOf,
} from '../../augment/index.js';
import { UsageError } from '../../core/index.js';
import type { SearchSpace } from '../space/search-space.js';
import { namesOnBatches, stagesJson } from './batch-stages.js';
import { opOperator } from './op-operator.js';
import type { OpSetting, PolicySetting, SubPolicy } from './policy.js';
import { readableJson } from './readable-json.js';
import { LEAST, oddsOf, rounded } from './rounded.js';

/**
 * A policy as an operator: for each sample one sub-policy by `weightedOneOf`, its stages in order, for each one op by
 * `weightedOneOf`, applied with its probability by `randomApply`, with a magnitude uniform in [low, high].
 *
 * What is next to unused is left out. An op or sub-policy with less than 1/1000 of the odds gives its odds to the others
 * of its choice. An op with p below 1/1000, and what is empty without such ops, keeps its odds: with these nothing is
 * applied. Odds, probabilities and magnitudes are rounded to four significant digits, magnitudes within their bounds. A
 * policy in which nothing is left draws nothing.
 *
 * @param options `stages: 'elsewhere'`: what the policy does to batches is applied behind `batch`, by `stagesOf`
 * @throws {UsageError} if an op is not in the space, odds are negative, a probability is not in 0..1, or a magnitude is
 * missing, not wanted, or out of the bounds of its op; if the policy does something to batches and nothing says that this
 * is applied elsewhere
 *
 * @example
 * const space = searchSpace({ only: ['rotate', 'hue'] });
 * const found$ = imageFolder('photos').pipe(operatorOf(space, randomPolicy(space, keyOf(0))), batch(4));
 */
export function operatorOf(
  space: SearchSpace,
  policy: PolicySetting,
  options: { readonly stages?: 'elsewhere' } = {},
): SampleOperator {
  const names = namesOnBatches(space, policy);
  if (names.length > 0 && options.stages !== 'elsewhere') {
    throw new UsageError(
      `policy: does something to batches (${names.join(', ')}), which no operator of samples can; apply stagesOf(space, policy) behind batch(), and say operatorOf(space, policy, { stages: 'elsewhere' })`,
    );
  }
  return asOne(transformsOf(space, policy));
}

/**
 * A policy as the JSON of a pipeline, which `policy('./found.json')`, `rxaug augment` and `rxaug export` read. It has the
 * one transform of `operatorOf`; a single sub-policy has one for each stage instead, and a policy in which nothing is left
 * has none. `policy` makes the same draws of it as `operatorOf`. What it does to batches follows: `policyStages` makes of it
 * what `stagesOf` does. Rounding and errors are those of `operatorOf` and `stagesOf`.
 *
 * @example
 * const stages = [[{ op: 'rotate', weight: 1, p: 1, low: -20, high: 20 }]];
 * policyJson(searchSpace(), { subPolicies: [{ weight: 1, stages }] }).transforms.length // → 1
 */
export function policyJson(space: SearchSpace, policy: PolicySetting): PipelineJson {
  const { stages, batch } = stagesJson(space, policy);
  const json = pipelineToJson(transformsOf(space, policy), [], stages);
  return { ...json, ...(batch.length > 0 && { batch }) };
}

/**
 * The text of that JSON as a file holds it: short parts in one line, to be read and edited by hand.
 *
 * @throws {UsageError} as `operatorOf`
 *
 * @example
 * const stages = [[{ op: 'rotate', weight: 1, p: 1, low: -20, high: 20 }]];
 * const text = policyText(searchSpace(), { subPolicies: [{ weight: 1, stages }] });
 * text.includes('"angle": [-20, 20]') // → true
 */
export const policyText = (space: SearchSpace, policy: PolicySetting): string =>
  `${readableJson(policyJson(space, policy))}\n`;

function transformsOf(space: SearchSpace, { subPolicies }: PolicySetting): SampleOperator[] {
  return choice(
    'policy',
    subPolicies.map((sub, i) => ({
      weight: sub.weight,
      operators: stagesOf(space, sub, `policy: sub-policy ${i}`),
    })),
  );
}

const stagesOf = (space: SearchSpace, { stages }: SubPolicy, where: string): SampleOperator[] =>
  stages.flatMap((stage, i) => stageOf(space, stage, `${where}, stage ${i}`));

function stageOf(space: SearchSpace, ops: readonly OpSetting[], where: string): SampleOperator[] {
  return choice(
    where,
    ops.map((setting) => ({ weight: setting.weight, operators: opOperator(space, setting, where) })),
  );
}

interface Member {
  readonly weight: number;
  /** In a row; none: nothing is applied. */
  readonly operators: readonly SampleOperator[];
}

/** One of the members by odds; none where no member applies anything. */
function choice(where: string, members: readonly Member[]): SampleOperator[] {
  const odds = oddsOf(
    where,
    members.map(({ weight }) => weight),
  );
  const active = members.flatMap(({ operators }, i) =>
    (odds[i] as number) > 0 && operators.length > 0 ? [{ odds: odds[i] as number, operators }] : [],
  );
  const share = rounded(active.reduce((sum, one) => sum + one.odds, 0));
  if (share < LEAST) return [];
  const [first] = active;
  const chosen =
    active.length === 1 && first
      ? first.operators
      : [weightedOneOf(...active.map((one) => [rounded(one.odds / share), asOne(one.operators)] as const))];
  return share < 1 ? [randomApply(share, ...chosen)] : [...chosen];
}
