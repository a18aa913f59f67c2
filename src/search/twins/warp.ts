/**
 * One warp for a batch, each image with an inverse matrix of its own. Forward it is the stream's own sampling, byte for
 * byte; backward it is the gradient of bilinear interpolation by the pixels and by the six coefficients.
 */
import { tf } from '../../graph/tf.js';
import type { Matrix } from '../space/search-op.js';
import { bytesOf, magnitudesOf, rendered, type Shape, shapeOf, strideOf } from './images.js';
import { type Coefficients, type Rim, warpGradient } from './warp-gradient.js';

export interface WarpOptions {
  /** Default 'bilinear'. */
  readonly interpolation?: 'bilinear' | 'nearest';
  /** What lies outside the image, in [0, 1]; default 0. */
  readonly fill?: number;
}

/**
 * Moves pixels: output (x, y) shows the input at (a·x + b·y + c, d·x + e·y + f), pixel centers at ½, border 'constant'.
 * Differentiable once, by the images [B, H, W, C] in [0, 1] and by the coefficients [B]. Where a place falls on the middle
 * of a pixel, between two slopes, the gradient is their mean.
 *
 * @throws {RxaugError} if a value or coefficient is not finite, or the backend is webgpu
 */
export function warp(images: tf.Tensor4D, matrix: Matrix, options: WarpOptions = {}): tf.Tensor4D {
  const { interpolation = 'bilinear', fill = 0 } = options;
  const shape = shapeOf(images);
  const rim: Rim = { level: 255 * fill, nearest: interpolation === 'nearest' };
  const level = Math.round(rim.level);
  const run = tf.customGrad<tf.Tensor4D>((...given) => {
    const [x, ...tensors] = given as unknown as [tf.Tensor4D, ...tf.Tensor1D[]];
    const bytes = bytesOf(x.dataSync() as Float32Array);
    const columns = tensors.slice(0, 6).map((tensor) => magnitudesOf(tensor, shape));
    const rows = Array.from(
      { length: shape.batch },
      (_, i) => columns.map((c) => c[i]) as never as Coefficients,
    );
    const out = rendered(bytes, shape, (plan, i) => {
      plan.geometry(rows[i] as Coefficients, shape.width, shape.height, {
        interpolation,
        border: 'constant',
        fill: [level, level, level],
      });
    });
    const gradFunc = (dy: tf.Tensor4D) => backward(dy, bytes, rows, shape, rim);
    return { value: tf.tensor4d(out, x.shape), gradFunc };
  });
  return run(images, ...matrix);
}

function backward(
  dy: tf.Tensor4D,
  bytes: Uint8Array,
  rows: readonly Coefficients[],
  shape: Shape,
  rim: Rim,
): tf.Tensor[] {
  const from = dy.dataSync() as Float32Array;
  const to = new Float32Array(from.length);
  const by = Array.from({ length: 6 }, () => new Float32Array(shape.batch));
  const stride = strideOf(shape);
  rows.forEach((row, i) => {
    const [begin, end] = [i * stride, (i + 1) * stride];
    const image = {
      input: bytes.subarray(begin, end),
      from: from.subarray(begin, end),
      to: to.subarray(begin, end),
    };
    warpGradient(image, row, shape, rim).forEach((v, k) => {
      (by[k] as Float32Array)[i] = v;
    });
  });
  return [tf.tensor4d(to, dy.shape), ...by.map((v) => tf.tensor1d(v))];
}
