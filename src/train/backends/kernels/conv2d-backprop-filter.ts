/**
 * Conv2DBackpropFilter for WASM: the filter's gradient of a convolution is a convolution itself.
 *
 *   dW[i, j, c, o] = Σ_{b, y, x} X[b, s·y + i − p, s·x + j − p, c] · dY[b, y, x, o]
 *
 * With the channels of X as the batch and its batch as channels, this is a convolution of X with the filter dY, with
 * the strides as dilations: transpose, pad, convolve, crop to the filter's size, transpose back.
 *
 * Upstream: https://github.com/tensorflow/tfjs/issues/8474 (open).
 */

import { UsageError } from '../../../core/index.js';
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const conv2DBackpropFilter: Repair = {
  kernelName: 'Conv2DBackpropFilter',
  backends: ['wasm'],
  kernelFunc: ({ inputs, attrs }) => {
    const x = inputs.x as tf.Tensor4D; // [B, H, W, C]
    const dy = inputs.dy as tf.Tensor4D; // [B, Y, X, O]
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } =
      attrs as unknown as tf.Conv2DBackpropFilterAttrs;
    if (dataFormat !== 'NHWC') {
      throw new UsageError(
        `conv2d on the WASM backend: dataFormat ${dataFormat} cannot be trained; use NHWC`,
      );
    }
    const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
      x.shape,
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const [height, width, channels, outputs] = filterShape;
    return tf.tidy(() => {
      const rows: [number, number] = [padInfo.top, padInfo.bottom];
      const columns: [number, number] = [padInfo.left, padInfo.right];
      const image = tf.transpose(tf.pad(x, [[0, 0], rows, columns, [0, 0]]), [3, 1, 2, 0]); // [C, H, W, B]
      const filter = tf.transpose(dy, [1, 2, 0, 3]); // [Y, X, B, O]
      const all = tf.conv2d(image, filter, 1, 'valid', 'NHWC', [strideHeight, strideWidth]); // [C, ≥h, ≥w, O]
      const cut = tf.slice(all, [0, 0, 0, 0], [channels, height, width, outputs]);
      return tf.transpose(cut, [1, 2, 0, 3]); // [h, w, C, O]
    });
  },
};
