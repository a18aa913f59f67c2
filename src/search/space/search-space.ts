import type { SearchOp } from './search-op.js';

/** Which ops are searched, and the shape of the policy: `subPolicies` of `stages`, one of which is drawn for each image. */
export interface SearchSpace {
  readonly ops: readonly SearchOp[];
  readonly subPolicies: number;
  readonly stages: number;
}
