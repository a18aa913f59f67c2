import { mlp } from './mlp.js';
import type { Model } from './model.js';

/**
 * A linear classifier: logits = W·pixels + b, the baseline that anything deeper has to beat. With cross-entropy it is
 * multinomial logistic regression. It is `mlp({ hidden: [] })` under a name of its own; `linear(from, to)` is a schedule.
 *
 * @example
 * linearModel().name // → 'linear'
 */
export function linearModel(): Model {
  return mlp({ hidden: [] });
}
