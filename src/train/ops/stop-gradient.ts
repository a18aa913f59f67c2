/** The same numbers, treated as constants by the gradient. */
import { customGrad, tf } from '../../graph/tf.js';

export const stopGradient: (x: tf.Tensor) => tf.Tensor = customGrad((...args) => {
  const [x] = args as [tf.Tensor];
  return { value: x.clone(), gradFunc: (dy) => tf.zerosLike(dy) };
});
