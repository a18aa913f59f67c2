/**
 * GELU (Hendrycks and Gimpel, 2016): x·Φ(x), Φ the normal distribution function. 'erf' is exact,
 * ½x(1 + erf(x/√2)); 'tanh' is the paper's approximation ½x(1 + tanh(√(2/π)(x + 0.044715x³))), with an error below
 * 5e-4. First derivatives are correct on every backend; so are second ones of 'erf', but not of 'tanh' (tfjs).
 */
import { tf } from '../../graph/tf.js';

export type GeluForm = 'erf' | 'tanh';

export function gelu(x: tf.Tensor, form: GeluForm = 'erf'): tf.Tensor {
  const inner =
    form === 'erf'
      ? tf.erf(tf.mul(x, Math.SQRT1_2))
      : tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI)));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}
