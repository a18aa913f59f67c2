/**
 * (x − μ)/√(σ² + ε) over some axes, with its gradient in closed form, r·(dy − mean(dy) − y·mean(dy·y)), r = 1/√(σ² + ε): half
 * of the passes over x that the chain of its steps makes. The gradient computes y and r again, so that it can be
 * differentiated in turn; in a compiled step they are those of the forward pass.
 */
import { tf } from '../../graph/tf.js';

export function standardize(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const mean = (values: tf.Tensor) => tf.mean(values, axes, true);
  const parts = (values: tf.Tensor) => {
    const centered = tf.sub(values, mean(values));
    const r = tf.rsqrt(tf.add(mean(tf.square(centered)), epsilon));
    return { r, y: tf.mul(centered, r) };
  };
  return tf.customGrad<tf.Tensor>((...args) => {
    const [given, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([given]);
    return {
      value: parts(given).y,
      gradFunc: (dy, [kept]) => {
        const { r, y } = parts(kept as tf.Tensor);
        const along = tf.mul(y, mean(tf.mul(dy, y)));
        return tf.mul(tf.sub(tf.sub(dy, mean(dy)), along), r);
      },
    };
  })(x);
}
