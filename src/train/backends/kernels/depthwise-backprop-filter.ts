/**
 * DepthwiseConv2dNativeBackpropFilter for WASM, one tap of the filter at a time:
 *
 *   dW[i, j, c, m] = Σ_{b, y, x} X[b, s·y + d·i − p, s·x + d·j − p, c] · dY[b, y, x, c·M + m]
 *
 * Upstream: no issue known in November 2026; the same gap as https://github.com/tensorflow/tfjs/issues/8474.
 */
import { tf } from '../../../graph/tf.js';
import { type Repair, whenDilated } from './repair.js';

export const depthwiseBackpropFilter: Repair = {
  kernelName: 'DepthwiseConv2dNativeBackpropFilter',
  backends: ['wasm'],
  kernelFunc: ({ inputs, attrs }) => {
    const x = inputs.x as tf.Tensor4D; // [B, H, W, C]
    const dy = inputs.dy as tf.Tensor4D; // [B, Y, X, C·M]
    const { strides, dilations, pad, dimRoundingMode, filterShape } =
      attrs as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      x.shape,
      filterShape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true,
    );
    const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
    const [height, width, channels, multiplier] = filterShape;
    const [batch, outHeight, outWidth] = dy.shape;
    return tf.tidy(() => {
      const rows: [number, number] = [padInfo.top, padInfo.bottom];
      const columns: [number, number] = [padInfo.left, padInfo.right];
      const padded = tf.pad(x, [[0, 0], rows, columns, [0, 0]]);
      const places = batch * outHeight * outWidth;
      const gradient = tf.reshape(dy, [places, channels, multiplier]);
      const taps: tf.Tensor[] = [];
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const top = i * dilationHeight;
          const left = j * dilationWidth;
          const end = [
            batch,
            top + (outHeight - 1) * strideHeight + 1,
            left + (outWidth - 1) * strideWidth + 1,
            channels,
          ];
          const seen = tf.stridedSlice(padded, [0, top, left, 0], end, [1, strideHeight, strideWidth, 1]);
          taps.push(tf.sum(tf.mul(tf.reshape(seen, [places, channels, 1]), gradient), 0)); // [C, M]
        }
      }
      return tf.reshape(tf.stack(taps), filterShape);
    });
  },
};

/** WebGPU's kernel is wrong for dilations only. */
export const depthwiseBackpropFilterWebGpu: Repair = {
  kernelName: 'DepthwiseConv2dNativeBackpropFilter',
  backends: ['webgpu'],
  around: whenDilated(depthwiseBackpropFilter.kernelFunc as tf.KernelFunc),
};
