/** The optimizers by name. */
import { Registry } from '../../core/index.js';
import { adam, adamw } from './adam.js';
import type { Optimizer, OptimizerConfig } from './optimizer.js';
import { sgd } from './sgd.js';

export type { Optimizer, OptimizerConfig } from './optimizer.js';
export { adam, adamw, sgd };

export const optimizerKinds: readonly {
  readonly name: string;
  from(options: object): Optimizer;
}[] = [
  { name: 'sgd', from: sgd },
  { name: 'adam', from: adam },
];

export function optimizerFrom({ optimizer, ...options }: OptimizerConfig): Optimizer {
  return new Registry('optimizer', optimizerKinds).get(optimizer).from(options);
}
