import type { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';

/** Plain JSON from which `optimizerFrom` makes the optimizer again. */
export interface OptimizerConfig {
  readonly optimizer: string;
  readonly [option: string]: unknown;
}

/** The result of one step of an optimizer. */
export interface Updates {
  /** What is subtracted from each parameter, by its name. */
  readonly steps: Tensors;
  /** The optimizer's state after the step. */
  readonly slots: Tensors;
}

/**
 * A pair of pure functions: `init` makes the optimizer's state (its slots), `update` turns gradients and slots into steps,
 * which are *subtracted* from the parameters, and new slots. Weight decay is not its concern; see `weightDecay` of `train`.
 */
export interface Optimizer {
  readonly config: OptimizerConfig;
  init(params: Tensors): Tensors;
  /** The learning rate is a tensor, which a traced step can take as an input. */
  update(gradients: Tensors, slots: Tensors, learningRate: tf.Scalar): Updates;
}
