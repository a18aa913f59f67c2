/**
 * Conv2DBackpropFilter of a filter of one pixel with strides, for native TensorFlow: oneDNN's kernel of it adds numbers of
 * other memory now and then, with fewer than eight channels on a processor without AVX-512 (seen with TensorFlow 2.21 on
 * AVX2). Over the pixels that the filter meets it is the gradient of a convolution without strides, which is right.
 */
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const conv2DBackpropFilterNative: Repair = {
  kernelName: 'Conv2DBackpropFilter',
  backends: ['tensorflow'],
  around: (given) => (call) => {
    const x = call.inputs.x as tf.Tensor4D; // [B, H, W, C]
    const attrs = call.attrs as unknown as tf.Conv2DBackpropFilterAttrs;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs;
    const [height, width] = filterShape;
    if (height * width > 1 || dataFormat !== 'NHWC') return given(call);
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { strideHeight, strideWidth, outHeight, outWidth, padInfo } = info;
    const pads = padInfo.top + padInfo.bottom + padInfo.left + padInfo.right > 0;
    if (strideHeight * strideWidth === 1 || pads) return given(call);
    const end = [
      x.shape[0],
      (outHeight - 1) * strideHeight + 1,
      (outWidth - 1) * strideWidth + 1,
      x.shape[3],
    ];
    const met = tf.stridedSlice(x, [0, 0, 0, 0], end, [1, strideHeight, strideWidth, 1]);
    try {
      return given({ ...call, inputs: { ...call.inputs, x: met }, attrs: { ...call.attrs, strides: 1 } });
    } finally {
      met.dispose();
    }
  },
};
