/** All optimizers, and how an optimizer is made again from its configuration. */
import { Registry } from '../../core/index.js';
import { adam, adamw } from './adam.js';
import type { Optimizer, OptimizerConfig } from './optimizer.js';
import { sgd } from './sgd.js';

export type { Optimizer, OptimizerConfig } from './optimizer.js';
export { adam, adamw, sgd };

/**
 * The optimizers that `optimizerFrom` knows.
 *
 * @example
 * optimizerKinds.map(({ name }) => name) // → [ 'sgd', 'adam' ]
 */
export const optimizerKinds: readonly {
  readonly name: string;
  from(options: object): Optimizer;
}[] = [
  { name: 'sgd', from: sgd },
  { name: 'adam', from: adam },
];

/**
 * The optimizer that a configuration describes: the inverse of `optimizer.config`.
 *
 * @throws UsageError if the configuration names no known optimizer, or has options that it does not take.
 * @example
 * optimizerFrom({ optimizer: 'sgd', momentum: 0.8 }).config // → { optimizer: 'sgd', momentum: 0.8, nesterov: false }
 */
export function optimizerFrom({ optimizer, ...options }: OptimizerConfig): Optimizer {
  return new Registry('optimizer', optimizerKinds).get(optimizer).from(options);
}
