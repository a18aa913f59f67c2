/**
 * The pixels of images [B, H, W, C] that a filter of one pixel meets where it strides, as the bounds of a strided slice;
 * undefined where the filter is larger, does not stride or is padded.
 *
 * Over them alone its convolution strides no more, and has the same gradient. Native TensorFlow needs that: oneDNN's
 * gradient of such a filter, with fewer than eight channels on a processor without AVX-512, adds numbers of other memory now
 * and then (seen with TensorFlow 2.21 on AVX2).
 */
import type { tf } from './tf.js';

interface Slice {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
}

export function pixelsMet(info: tf.backend_util.Conv2DInfo): Slice | undefined {
  const { batchSize, inChannels, filterHeight, filterWidth, padInfo } = info;
  const { strideHeight, strideWidth, outHeight, outWidth } = info;
  const padded = padInfo.top + padInfo.bottom + padInfo.left + padInfo.right > 0;
  if (filterHeight * filterWidth > 1 || strideHeight * strideWidth === 1 || padded) return undefined;
  return {
    begin: [0, 0, 0, 0],
    end: [batchSize, (outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1, inChannels],
    strides: [1, strideHeight, strideWidth, 1],
  };
}
