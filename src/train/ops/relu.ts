/**
 * max(x, 0). Its gradient, dy where the output is positive, needs only the output, which the next layer keeps
 * anyway. tfjs keeps the input and makes three passes (step, cast, multiply) where one is enough.
 */
import { customGrad, tf } from '../../graph/tf.js';
import { hasKernel, ReluGrad, runKernel } from './kernels.js';

export function relu(x: tf.Tensor): tf.Tensor {
  return hasKernel(ReluGrad) ? reluWithKernel(x) : tf.relu(x);
}

const reluWithKernel = customGrad<tf.Tensor>((...args) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  const y = tf.relu(x);
  save([y]);
  return { value: y, gradFunc: (dy, [kept]) => runKernel(ReluGrad, { dy, y: kept })[0] };
});
