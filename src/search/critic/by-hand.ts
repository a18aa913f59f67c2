/** What the networks of a search are made of, forward and backward, without a tape: a few operations for many rows at once. */
import { tf } from '../../graph/tf.js';
import { hasKernel, ReluGrad, runKernel } from '../../train/ops/kernels.js';

/** Stride and padding of every convolution of these networks. */
const [STRIDE, PAD] = [2, 'same'] as const;

/** A convolution with a bias, and a rectifier. */
export interface Stage {
  readonly kernel: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
}

/** The input, and what comes out of each stage. */
export function activations(x: tf.Tensor4D, stages: readonly Stage[]): tf.Tensor4D[] {
  const all = [x];
  for (const { kernel, bias } of stages) {
    const y = tf.conv2d(all.at(-1) as tf.Tensor4D, kernel, STRIDE, PAD);
    all.push(tf.relu(tf.add(y, bias)) as tf.Tensor4D);
  }
  return all;
}

/** A convolution without bias: the way forward of what is added to the input. */
export const convolved = (x: tf.Tensor4D, { kernel }: Stage) => tf.conv2d(x, kernel, STRIDE, PAD);

/** Of the input of a convolution, from the gradient of its output. */
export const backToInput = (dy: tf.Tensor4D, { kernel }: Stage, like: tf.Tensor4D) =>
  tf.conv2dTranspose(
    dy,
    kernel,
    [dy.shape[0], ...(like.shape.slice(1) as [number, number, number])],
    STRIDE,
    PAD,
  );

/** Of the kernel. */
export const backToKernel = (x: tf.Tensor4D, dy: tf.Tensor4D, { kernel }: Stage) =>
  tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, {
    strides: STRIDE,
    pad: PAD,
    dataFormat: 'NHWC',
    filterShape: kernel.shape,
  } as never) as tf.Tensor4D;

/** The gradient where a rectifier was open, from what came out of it. */
export const masked = (dy: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor4D =>
  (hasKernel(ReluGrad) ? runKernel(ReluGrad, { dy, y })[0] : tf.mul(dy, tf.step(y))) as tf.Tensor4D;

/** Rows of a batch. */
export const rowsOf = <T extends tf.Tensor>(x: T, from: number, count: number): T =>
  tf.slice(x, from, count) as T;
