import { tf } from '../../graph/tf.js';
import { mapTensors, type Tensors } from '../state/tensors.js';
import { globalNorm } from './clip.js';

/**
 * Sharpness-aware minimization (Foret et al., 2021): the weights w + ρ·g/‖g‖, to first order the worst point within ρ, at
 * which the second gradient is taken; the step is made from w. Both gradients use the same masks, and running statistics
 * move once.
 */
export function perturbedWeights(params: Tensors, gradients: Tensors, rho: number): Tensors {
  const factor = tf.div(rho, tf.add(globalNorm(gradients), 1e-12));
  return mapTensors(params, (param, name) => tf.add(param, tf.mul(gradients[name], factor)));
}
