/** The same numbers, which the gradient takes for data. */
import { customGrad, tf } from '../../graph/tf.js';

export const stopGradient: (x: tf.Tensor) => tf.Tensor = customGrad((...args) => {
  const [x] = args as [tf.Tensor];
  return { value: x.clone(), gradFunc: (dy) => tf.zerosLike(dy) };
});
