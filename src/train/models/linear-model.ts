/**
 * A linear classifier: logits = W·pixels + b, the baseline that anything deeper has to beat. With cross-entropy it
 * is multinomial logistic regression. It is `mlp({ hidden: [] })` under its own name; `linear(from, to)` is a
 * schedule.
 */
import { mlp } from './mlp.js';
import type { Model } from './model.js';

export function linearModel(): Model {
  return mlp({ hidden: [] });
}
