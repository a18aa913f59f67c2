/**
 * ResizeNearestNeighborGrad for plain JavaScript: each dY goes to the pixel that it was copied from. In
 * tfjs it is wrong wherever the image was enlarged.
 *
 * Upstream: no issue known in November 2026.
 */
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';

export const nearestNeighborGrad: Repair = {
  kernelName: 'ResizeNearestNeighborGrad',
  backends: ['cpu'],
  kernelFunc: ({ inputs, attrs }) => {
    const dy = inputs.dy as tf.Tensor4D; // [B, Y, X, C]
    const images = inputs.images as tf.Tensor4D; // [B, H, W, C]; only its shape counts
    const { alignCorners } = attrs as unknown as tf.ResizeNearestNeighborGradAttrs;
    const [batch, height, width, channels] = images.shape;
    const [, outHeight, outWidth] = dy.shape;
    const rows = sources(height, outHeight, alignCorners);
    const columns = sources(width, outWidth, alignCorners);
    const gradient = dy.dataSync();
    const dx = new Float32Array(tf.util.sizeFromShape(images.shape));
    let from = 0;
    for (let b = 0; b < batch; b++) {
      for (const row of rows) {
        for (const column of columns) {
          const to = ((b * height + row) * width + column) * channels;
          for (let c = 0; c < channels; c++, from++) {
            dx[to + c] = (dx[to + c] as number) + (gradient[from] as number);
          }
        }
      }
    }
    return tf.tensor(dx, images.shape);
  },
};

/** Where the forward pass reads for each place of the output. */
function sources(size: number, outSize: number, alignCorners: boolean): number[] {
  const aligned = alignCorners && outSize > 1;
  const scale = aligned ? (size - 1) / (outSize - 1) : size / outSize;
  return Array.from({ length: outSize }, (_, i) =>
    Math.min(size - 1, alignCorners ? Math.round(i * scale) : Math.floor(i * scale)),
  );
}
