/**
 * Conv2DBackpropFilter of a filter of one pixel with strides, for native TensorFlow, whose own adds numbers of other memory
 * now and then: it is computed over the pixels that the filter meets (see `pixelsMet`).
 */
import { pixelsMet } from '../../../graph/pixels-met.js';
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const conv2DBackpropFilterNative: Repair = {
  kernelName: 'Conv2DBackpropFilter',
  backends: ['tensorflow'],
  around: (given) => (call) => {
    const x = call.inputs.x as tf.Tensor4D; // [B, H, W, C]
    const attrs = call.attrs as unknown as tf.Conv2DBackpropFilterAttrs;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs;
    if (dataFormat !== 'NHWC') return given(call);
    const slice = pixelsMet(
      tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode),
    );
    if (!slice) return given(call);
    const met = tf.stridedSlice(x, slice.begin, slice.end, slice.strides);
    try {
      return given({ ...call, inputs: { ...call.inputs, x: met }, attrs: { ...call.attrs, strides: 1 } });
    } finally {
      met.dispose();
    }
  },
};
