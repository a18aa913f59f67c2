/**
 * Sharpness-aware minimization (Foret et al., 2021): the gradient is taken at w + ρ·g/‖g‖, the worst place nearby
 * to first order, and the step is made from w. Both gradients see the same masks; running statistics move once.
 */
import { tf } from '../../graph/tf.js';
import { mapTensors, type Tensors } from '../state/tensors.js';
import { globalNorm } from './clip.js';

/** Where the second gradient is taken. */
export function climbed(params: Tensors, gradients: Tensors, rho: number): Tensors {
  const factor = tf.div(rho, tf.add(globalNorm(gradients), 1e-12));
  return mapTensors(params, (param, name) => tf.add(param, tf.mul(gradients[name], factor)));
}
