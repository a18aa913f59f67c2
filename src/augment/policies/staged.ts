import { expected, UsageError } from '../../core/index.js';
import { asOperator, type SampleOperator } from '../transform/define-transform.js';

/**
 * A policy that changes over training, as population-based augmentation finds them (Ho et al., 2019): each stage
 * `[from, policy]` applies from a progress in [0, 1] on; the first one begins at 0.
 *
 * @throws {UsageError} if the first stage does not begin at 0, stages are not in rising order, or a stage holds no
 * transform
 * @example staged([0, trivialAugment({ space: 'standard' })], [0.5, trivialAugment()])
 */
export function staged(
  ...stages: readonly (readonly [from: number, policy: SampleOperator])[]
): SampleOperator {
  const first = stages[0];
  if (!Array.isArray(first) || first[0] !== 0)
    throw new UsageError('staged: expected a first stage from progress 0; begin with [0, policy]');
  stages.forEach((stage, i) => {
    const [from, policy] = Array.isArray(stage) ? stage : [Number.NaN];
    if (!policy?.transform) {
      const fix = 'put other operators before or after staged()';
      throw new UsageError(expected(`staged: stage ${i}`, 'a transform or policy of samples', policy, fix));
    }
    const before = stages[i - 1]?.[0] ?? -1;
    if (!(from >= 0 && from <= 1 && from > before)) {
      throw new UsageError(
        `staged: expected rising starts in 0..1 but received ${from} after ${before}; sort the stages`,
      );
    }
  });
  return asOperator({
    name: 'staged',
    options: {
      stages: stages.map(([from, { transform }]) => ({
        from,
        op: transform.name,
        options: transform.options,
      })),
    },
    ops: stages.flatMap(([, { transform }]) => transform.ops),
    draw(key, progress) {
      const [, stage] = stages.findLast(([from]) => progress >= from) ?? first;
      return stage.transform.draw(key, progress);
    },
  });
}
