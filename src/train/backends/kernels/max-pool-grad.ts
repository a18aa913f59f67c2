/**
 * MaxPoolGrad for WASM: each dY goes to the place where its window had its maximum; the first of equals,
 * row by row. tfjs-backend-wasm 4.22 has a kernel of this name that silently leaves gradients out.
 *
 * Upstream: the kernel came with https://github.com/tensorflow/tfjs/pull/7672; no issue known in November 2026.
 */
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const maxPoolGrad: Repair = {
  kernelName: 'MaxPoolGrad',
  backends: ['wasm'],
  kernelFunc: ({ inputs, attrs }) => {
    const dy = inputs.dy as tf.Tensor4D; // [B, Y, X, C]
    const input = inputs.input as tf.Tensor4D; // [B, H, W, C]
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs;
    const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { inHeight, inWidth, outHeight, outWidth, inChannels: channels, padInfo } = info;
    const x = input.dataSync();
    const gradient = dy.dataSync();
    const dx = new Float32Array(x.length);
    const best = new Float32Array(channels); // of the current window, for each channel
    const place = new Int32Array(channels);
    let from = 0; // in dY
    for (let b = 0; b < info.batchSize; b++) {
      for (let y = 0; y < outHeight; y++) {
        const top = y * info.strideHeight - padInfo.top;
        const [y0, y1] = [Math.max(0, top), Math.min(inHeight, top + info.filterHeight)];
        for (let x0 = 0; x0 < outWidth; x0++) {
          const left = x0 * info.strideWidth - padInfo.left;
          const [c0, c1] = [Math.max(0, left), Math.min(inWidth, left + info.filterWidth)];
          best.fill(Number.NEGATIVE_INFINITY);
          place.fill(-1);
          for (let row = y0; row < y1; row++) {
            for (let column = c0; column < c1; column++) {
              const at = ((b * inHeight + row) * inWidth + column) * channels;
              for (let c = 0; c < channels; c++) {
                const value = x[at + c] as number;
                if (value > (best[c] as number) || place[c] === -1) {
                  best[c] = value;
                  place[c] = at + c;
                }
              }
            }
          }
          for (let c = 0; c < channels; c++, from++) {
            const to = place[c] as number;
            if (to >= 0) dx[to] = (dx[to] as number) + (gradient[from] as number);
          }
        }
      }
    }
    return tf.tensor(dx, input.shape);
  },
};
