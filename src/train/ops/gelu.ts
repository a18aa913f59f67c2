/**
 * GELU (Hendrycks and Gimpel, 2016): x·Φ(x), Φ the normal distribution function. 'erf' is exact,
 * ½x(1 + erf(x/√2)); 'tanh' is the paper's approximation ½x(1 + tanh(√(2/π)(x + 0.044715x³))), with an error below
 * 5e-4. First derivatives are correct on every backend; so are second ones of 'erf', but not of 'tanh' (tfjs).
 */
import { customGrad, tf } from '../../graph/tf.js';

export type GeluForm = 'erf' | 'tanh';

export function gelu(x: tf.Tensor, form: GeluForm = 'erf'): tf.Tensor {
  if (form === 'erf') return exact(x);
  const inner = tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI)));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}

/** ln φ(0), φ the density of the normal distribution. */
const LOG_DENSITY_AT_0 = -Math.log(2 * Math.PI) / 2;

/**
 * The gradient in closed form, dy·(Φ(x) + x·φ(x)): 6 passes over x where the chain of the steps makes 10. It computes Φ
 * again, so that it can be differentiated in turn; in a compiled step Φ is that of the forward pass.
 */
const exact = customGrad<tf.Tensor>((...args) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  save([x]);
  return {
    value: tf.mul(x, normal(x).cdf),
    gradFunc: (dy, [kept]) => {
      const { scaled, cdf } = normal(kept);
      const density = tf.exp(tf.sub(LOG_DENSITY_AT_0, tf.square(scaled)));
      return tf.mul(dy, tf.add(cdf, tf.mul(kept, density)));
    },
  };
});

/** x/√2, and Φ(x). */
function normal(x: tf.Tensor) {
  const scaled = tf.mul(x, Math.SQRT1_2);
  return { scaled, cdf: tf.mul(tf.add(tf.erf(scaled), 1), 0.5) };
}
