/**
 * DepthwiseConv2dNativeBackpropInput for WASM: dY spread out to the strides (zeros between), convolved with
 * the filter rotated by 180°, summing over the M output channels of each input channel.
 *
 * Upstream: no issue known in November 2026; the same gap as https://github.com/tensorflow/tfjs/issues/8474.
 */
import { tf } from '../../../graph/tf.js';
import { type Repair, whenDilated } from './repair.js';

export const depthwiseBackpropInput: Repair = {
  kernelName: 'DepthwiseConv2dNativeBackpropInput',
  backends: ['wasm'],
  kernelFunc: ({ inputs, attrs }) => {
    const dy = inputs.dy as tf.Tensor4D; // [B, Y, X, C·M]
    const filter = inputs.filter as tf.Tensor4D; // [h, w, C, M]
    const { strides, dilations, pad, dimRoundingMode, inputShape } =
      attrs as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true,
    );
    const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
    const [height, width, channels, multiplier] = filter.shape;
    const [batch, inHeight, inWidth] = inputShape;
    return tf.tidy(() => {
      const tall = (height - 1) * dilationHeight; // what the filter reaches beyond its first row
      const wide = (width - 1) * dilationWidth;
      const spread = spreadOut(dy, strideHeight, strideWidth); // [B, s·Y, s·X, C·M]
      // Zeros at the end stand for input rows that no output used.
      const below = Math.max(0, padInfo.top + inHeight - (spread.shape[1] + tall));
      const right = Math.max(0, padInfo.left + inWidth - (spread.shape[2] + wide));
      const framed = tf.pad(spread, [
        [0, 0],
        [tall, tall + below],
        [wide, wide + right],
        [0, 0],
      ]);
      const turned = tf.reshape(tf.reverse(filter, [0, 1]), [height, width, channels * multiplier, 1]);
      const full = tf.depthwiseConv2d(framed, turned as tf.Tensor4D, 1, 'valid', 'NHWC', [
        dilationHeight,
        dilationWidth,
      ]) as tf.Tensor4D; // over the padded input: [B, ≥p+H, ≥p+W, C·M]
      const cut = tf.slice(
        full,
        [0, padInfo.top, padInfo.left, 0],
        [batch, inHeight, inWidth, channels * multiplier],
      );
      if (multiplier === 1) return cut;
      const each = tf.reshape(cut, [batch * inHeight * inWidth, channels, multiplier]);
      return tf.reshape(tf.sum(each, 2), inputShape);
    });
  },
};

/** WebGPU's kernel is wrong for dilations only. */
export const depthwiseBackpropInputWebGpu: Repair = {
  kernelName: 'DepthwiseConv2dNativeBackpropInput',
  backends: ['webgpu'],
  around: whenDilated(depthwiseBackpropInput.kernelFunc as tf.KernelFunc),
};

/** Moves row y to row s·y, with zeros between. */
function spreadOut(x: tf.Tensor4D, down: number, across: number): tf.Tensor4D {
  if (down === 1 && across === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const columns = tf.pad(tf.reshape(x, [batch * height * width, 1, channels]), [
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const rows = tf.pad(tf.reshape(columns, [batch * height, 1, width * across * channels]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
  ]);
  return tf.reshape(rows, [batch, height * down, width * across, channels]);
}
