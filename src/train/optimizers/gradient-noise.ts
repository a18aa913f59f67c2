import { z } from 'zod';
import { fold, type Key, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { normal } from '../ops/noise.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

export const gradientNoiseOptions = z.strictObject({
  /** η > 0; the paper tries 0.01, 0.3 and 1. Default 0.01. */
  eta: z.number().positive().default(0.01),
  /** γ ≥ 0. Default 0.55. */
  gamma: z.number().min(0).default(0.55),
});

/**
 * Gradient noise (Neelakantan et al., 2015): g ← g + N(0, σ²), σ² = η/(1 + t)^γ at step t. The noise comes from the key of
 * the step and the name of the parameter. `time` counts steps from 0.
 */
export function addNoise(
  gradients: Tensors,
  time: tf.Scalar,
  key: Key,
  { eta, gamma }: z.output<typeof gradientNoiseOptions>,
): Tensors {
  const deviation = tf.sqrt(tf.mul(tf.pow(tf.add(time, 1), -gamma), eta));
  return mapTensors(gradients, (gradient, name) =>
    tf.add(gradient, tf.mul(normal(fold(key, tag('gradient-noise'), tag(name)), gradient.shape), deviation)),
  );
}
