/** What a policy that is being learned does to each image of a batch: keyed draws on the processor. */
import { Draws, fold, type Key, tag } from '../../core/index.js';
import type { SearchSpace } from '../space/search-space.js';
import { oddsAt, type PolicyValues, sigmoid } from './parameters.js';

/** One stage of the choices for a batch. */
export interface StageChoices {
  /** [B] place of the chosen op among the parameters. */
  readonly place: Int32Array;
  /** [B] number of the chosen op. */
  readonly op: Int32Array;
  /** [B] 1 if it is applied, 0 if not. */
  readonly applied: Float32Array;
  /** [B] uniform in [−1, 1): where in its range the magnitude lies. */
  readonly position: Float32Array;
}

/** For each image a sub-policy, and for each stage an op, whether it applies, and a magnitude. */
export function drawChoices(
  space: SearchSpace,
  values: PolicyValues,
  key: Key,
  batch: number,
): StageChoices[] {
  const { subPolicies, stages, ops } = space;
  const odds = Array.from({ length: subPolicies * stages }, (_, at) =>
    oddsAt(values, at * ops.length, ops.length),
  );
  const numbers = ops.map((_, i) => i);
  const made = Array.from({ length: stages }, () => ({
    place: new Int32Array(batch),
    op: new Int32Array(batch),
    applied: new Float32Array(batch),
    position: new Float32Array(batch),
  }));
  const root = fold(key, tag('choices'));
  for (let i = 0; i < batch; i++) {
    const draws = new Draws(fold(root, i));
    const sub = draws.int(subPolicies);
    for (let k = 0; k < stages; k++) {
      const stage = sub * stages + k;
      const chosen = draws.choice(numbers, odds[stage]);
      const place = stage * ops.length + chosen;
      const one = made[k] as (typeof made)[number];
      one.place[i] = place;
      one.op[i] = chosen;
      one.applied[i] = draws.chance(sigmoid(values.probability[place] as number)) ? 1 : 0;
      one.position[i] = draws.uniform(-1, 1);
    }
  }
  return made;
}
