/** All that a policy does, to samples and to batches, for a training. */
import type { OperatorFunction } from 'rxjs';
import type { SampleOperator } from '../../augment/index.js';
import type { Batch } from '../../core/index.js';
import type { SearchSpace } from '../space/search-space.js';
import { stagesOf } from './batch-stages.js';
import { operatorOf } from './operator.js';
import type { PolicySetting } from './policy.js';

export interface Augmentation {
  /** Before `normalize` and `batch`. */
  readonly operators: readonly SampleOperator[];
  /** Behind `batch`. */
  readonly stages: readonly OperatorFunction<Batch, Batch>[];
}

/** @throws {UsageError} for a policy that does not fit the space */
export const augmentationOf = (space: SearchSpace, policy: PolicySetting): Augmentation => ({
  operators: [operatorOf(space, policy, { stages: 'elsewhere' })],
  stages: stagesOf(space, policy),
});
