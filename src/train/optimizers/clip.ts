/** Gradient clipping, by the norm of all gradients together or number by number. */
import { tf } from '../../graph/tf.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

/** √Σ‖g‖² over every tensor. */
export function globalNorm(tensors: Tensors): tf.Scalar {
  const squares = Object.values(tensors).map((tensor) => tf.sum(tf.square(tensor)) as tf.Scalar);
  return tf.sqrt(tf.addN(squares)) as tf.Scalar;
}

/** g · min(1, limit / (norm + 1e-6)) (Pascanu et al., 2013), as PyTorch's clip_grad_norm_. */
export function clipByGlobalNorm(gradients: Tensors, limit: number, norm: tf.Scalar): Tensors {
  const factor = tf.minimum(tf.div(limit, tf.add(norm, 1e-6)), 1);
  return mapTensors(gradients, (gradient) => tf.mul(gradient, factor));
}

/** Clips each number to [−limit, limit]. */
export function clipByValue(gradients: Tensors, limit: number): Tensors {
  return mapTensors(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
}
