/** Numbers squashed into a range, any shape. */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const squashOptions = z.strictObject(named);
type SquashOptions = z.input<typeof squashOptions>;

/**
 * Hyperbolic tangent: (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ), into (−1, 1), any shape. TensorFlow.js has its second derivative wrong: do
 * not use it in a critic with a gradient penalty.
 *
 * @example
 * tanh().config // → { layer: 'tanh' }
 */
export function tanh(options: SquashOptions = {}): Layer {
  return squash('tanh', (x) => tf.tanh(x), options);
}

/**
 * Logistic function: 1/(1 + e⁻ˣ), into (0, 1), any shape. TensorFlow.js has its second derivative wrong: do not use it
 * in a critic with a gradient penalty.
 *
 * @example
 * sigmoid().config // → { layer: 'sigmoid' }
 */
export function sigmoid(options: SquashOptions = {}): Layer {
  return squash('sigmoid', (x) => tf.sigmoid(x), options);
}

function squash(layer: string, run: (x: tf.Tensor) => tf.Tensor, options: SquashOptions): Layer {
  const parsed = parseOptions(layer, squashOptions, options);
  return { config: { layer, ...parsed }, init: (_, input) => input, apply: (_, x) => run(x) };
}
