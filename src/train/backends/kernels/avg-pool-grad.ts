/**
 * AvgPoolGrad: each dY is divided among the cells of its window that lie on the image, because the forward pass averages
 * over those only. tfjs divides by the size of the whole window, which is wrong at padded borders; on WASM, on WebGPU and
 * in plain JavaScript.
 *
 * Upstream: no issue known in November 2026.
 */
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const avgPoolGrad: Repair = {
  kernelName: 'AvgPoolGrad',
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

/** For a GPU, where JavaScript cannot read the numbers: scales dY, then calls tfjs's kernel. */
export const avgPoolGradWebGpu: Repair = {
  kernelName: 'AvgPoolGrad',
  backends: ['webgpu'],
  around: (kernelFunc) => (call) => {
    const dy = call.inputs.dy as tf.Tensor;
    const input = call.inputs.input as tf.Tensor;
    const { filterSize, strides, pad } = call.attrs as unknown as tf.AvgPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    const rows = seen(info.outHeight, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight);
    const columns = seen(info.outWidth, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth);
    const whole = info.filterHeight * info.filterWidth;
    const factors = rows.flatMap((r) => columns.map((c) => whole / (r * c)));
    if (factors.every((factor) => factor === 1)) return kernelFunc(call);
    return tf.tidy(() => {
      const larger = tf.mul(dy, tf.tensor4d(factors, [1, info.outHeight, info.outWidth, 1]));
      return handle(kernelFunc({ ...call, inputs: { dy: larger, input } }) as tf.TensorInfo);
    });
  },
};

/** How many cells of each window lie on the image, along one axis. */
function seen(windows: number, stride: number, before: number, size: number, length: number): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride - before;
    return Math.min(length, start + size) - Math.max(0, start);
  });
}

/** The result of a kernel as a tensor of the surrounding tidy scope. */
function handle({ dataId, shape, dtype }: tf.TensorInfo): tf.Tensor {
  return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
}
