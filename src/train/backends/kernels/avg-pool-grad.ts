/**
 * AvgPoolGrad for WASM and plain JavaScript: each dY is shared by the cells of its window that lie on the
 * image, as the forward pass averages over those alone. tfjs divides by the size of the whole window, which
 * is wrong at padded borders.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Repair } from './repair.js';

export const avgPoolGrad: Repair = {
  kernelName: tf.AvgPoolGrad,
  backends: ['wasm', 'cpu'],
  kernelFunc: ({ inputs, attrs }) => {
    const dy = inputs.dy as tf.Tensor4D; // [B, Y, X, C]
    const input = inputs.input as tf.Tensor4D; // [B, H, W, C]; only its shape counts
    const { filterSize, strides, pad } = attrs as unknown as tf.AvgPoolGradAttrs;
    const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad);
    const { inHeight, inWidth, outHeight, outWidth, inChannels: channels, padInfo } = info;
    const gradient = dy.dataSync();
    const dx = new Float32Array(tf.util.sizeFromShape(input.shape));
    for (let b = 0; b < info.batchSize; b++) {
      for (let y = 0; y < outHeight; y++) {
        const top = y * info.strideHeight - padInfo.top;
        const [firstRow, endRow] = [Math.max(0, top), Math.min(inHeight, top + info.filterHeight)];
        for (let x = 0; x < outWidth; x++) {
          const left = x * info.strideWidth - padInfo.left;
          const [first, end] = [Math.max(0, left), Math.min(inWidth, left + info.filterWidth)];
          const share = 1 / ((endRow - firstRow) * (end - first));
          const from = ((b * outHeight + y) * outWidth + x) * channels;
          for (let row = firstRow; row < endRow; row++) {
            for (let column = first; column < end; column++) {
              const to = ((b * inHeight + row) * inWidth + column) * channels;
              for (let c = 0; c < channels; c++) {
                dx[to + c] = (dx[to + c] as number) + (gradient[from + c] as number) * share;
              }
            }
          }
        }
      }
    }
    return tf.tensor(dx, input.shape);
  },
};
