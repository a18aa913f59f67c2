/**
 * Numbers squashed into a range, any shape: tanh into (−1, 1), sigmoid into (0, 1). TensorFlow.js has their second
 * derivatives wrong, so they have no place in a critic with a gradient penalty.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';

export const squashOptions = z.strictObject({ name: z.string().optional() });
type SquashOptions = z.input<typeof squashOptions>;

export const tanh = (options: SquashOptions = {}): Layer => squash('tanh', tf.tanh, options);
export const sigmoid = (options: SquashOptions = {}): Layer => squash('sigmoid', tf.sigmoid, options);

function squash(layer: string, run: (x: tf.Tensor) => tf.Tensor, options: SquashOptions): Layer {
  const parsed = parseOptions(layer, squashOptions, options);
  return { config: { layer, ...parsed }, init: (_, input) => input, apply: (_, x) => run(x) };
}
