/** The same numbers, which the gradient takes for data. */
import * as tf from '@tensorflow/tfjs-core';

export const stopGradient = tf.customGrad<tf.Tensor>((...args) => {
  const [x] = args as [tf.Tensor];
  return { value: x.clone(), gradFunc: (dy) => tf.zerosLike(dy) };
});
