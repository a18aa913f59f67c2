/**
 * An optimizer is a pair of pure functions: `init` makes its slots, `update` turns gradients and slots into
 * steps to be *subtracted* from the parameters, and new slots. It never sees weight decay.
 */
import type { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';

/** Plain JSON from which `optimizerFrom` makes the optimizer again. */
export interface OptimizerConfig {
  readonly optimizer: string;
  readonly [option: string]: unknown;
}

export interface Updates {
  /** By the name of the parameter. */
  readonly steps: Tensors;
  readonly slots: Tensors;
}

export interface Optimizer {
  readonly config: OptimizerConfig;
  init(params: Tensors): Tensors;
  /** The learning rate is a tensor, so that a traced step takes another one every time. */
  update(gradients: Tensors, slots: Tensors, learningRate: tf.Scalar): Updates;
}
