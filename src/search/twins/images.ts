/** Batches of images as plain arrays: what twins read of tensors, and what the renderer makes of them. */
import { Engine, PlanBuilder } from '../../augment/index.js';
import { RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';

export interface Shape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Values of one image. */
export const strideOf = ({ height, width, channels }: Shape): number => height * width * channels;

/**
 * The shape of a batch of images [B, H, W, C].
 *
 * @throws {RxaugError} if C is neither 1 nor 3, or the backend cannot be read at once
 */
export function shapeOf(images: tf.Tensor4D): Shape {
  const [batch, height, width, channels] = images.shape;
  if (channels !== 1 && channels !== 3) {
    throw new RxaugError(`twin: expected images [B, H, W, 1 or 3] but received [${images.shape.join(', ')}]`);
  }
  if (tf.getBackend() === 'webgpu') {
    throw new RxaugError(
      'twin: it reads its images on the processor, which webgpu does not allow; use the backend tensorflow, wasm or cpu',
    );
  }
  return { batch, height, width, channels };
}

/** Values in [0, 1] as bytes: rounded, and clipped to 0..255. */
export function bytesOf(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    const level = 255 * v + 0.5;
    bytes[i] = level > 0 ? (level < 255 ? level : 255) : 0;
    sum += v;
  }
  if (!Number.isFinite(sum)) {
    throw new RxaugError('twin: expected images of finite values but received NaN or an infinite one');
  }
  return bytes;
}

/** The magnitudes of a batch, one for each image. */
export function magnitudesOf(magnitude: tf.Tensor1D, { batch }: Shape): Float32Array {
  const values = magnitude.dataSync() as Float32Array;
  if (values.length !== batch || !values.every(Number.isFinite)) {
    throw new RxaugError(`twin: expected ${batch} finite magnitudes, one an image, but received ${values}`);
  }
  return values;
}

let engine: Engine | undefined;

/**
 * Renders each image of a batch as the stream does, on the same kernels. One channel is rendered as three equal ones,
 * of which the first is kept.
 *
 * @param lower puts what image `i` goes through on its plan; where it gives false, the image is left out and stays 0
 */
export function rendered(
  bytes: Uint8Array,
  shape: Shape,
  lower: (plan: PlanBuilder, i: number) => unknown,
): Float32Array {
  engine ??= new Engine();
  const { batch, height, width, channels } = shape;
  const stride = strideOf(shape);
  const out = new Float32Array(batch * stride);
  const gray = channels === 1;
  const color = new Uint8Array(gray ? 3 * stride : 0);
  const shown = new Float32Array(color.length);
  for (let i = 0; i < batch; i++) {
    const plan = new PlanBuilder(width, height);
    if (lower(plan, i) === false) continue;
    const own = bytes.subarray(i * stride, (i + 1) * stride);
    if (gray) for (let k = 0; k < color.length; k++) color[k] = own[Math.floor(k / 3)] as number;
    const data = gray ? shown : out.subarray(i * stride, (i + 1) * stride);
    engine.run(
      plan.finish(),
      { data: gray ? color : own, width, height },
      { data, width, height, dtype: 'float32', layout: 'HWC' },
    );
    if (gray) for (let k = 0; k < stride; k++) out[i * stride + k] = shown[3 * k] as number;
  }
  return out;
}
