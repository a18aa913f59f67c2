import { horizontalFlip } from '../geometric/horizontal-flip.js';
import { randomApply } from './compose.js';
import type { SampleOperator } from './define-transform.js';

/** Several operators as one that applies all of them in order. Of none: one that never draws anything. */
export function asOne(operators: readonly SampleOperator[]): SampleOperator {
  const [first] = operators;
  // A choice holds at least one transform, here one that is never applied.
  if (first === undefined) return randomApply(0, horizontalFlip());
  return operators.length === 1 ? first : randomApply(1, ...operators);
}
