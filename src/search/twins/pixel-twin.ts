/**
 * Twins of ops that change pixels where they are. What they show is rendered by the stream's own kernels, so it is what
 * training will see, to the byte; what they add is the gradient, written by hand on plain arrays. Rounding to bytes
 * passes it straight through.
 */
import type { PlanBuilder } from '../../augment/index.js';
import { fold, type Key } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { PixelTwin } from '../space/search-op.js';
import { bytesOf, magnitudesOf, rendered, type Shape, shapeOf, strideOf } from './images.js';

/** One image on its way back. Values of pixels are bytes; gradients are by values in [0, 1]. */
export interface Backward {
  /** The image that went in, [H, W, C]. */
  readonly input: Uint8Array;
  readonly shape: Shape;
  readonly magnitude: number;
  readonly key: Key;
  /** Gradient of the loss by what came out, [H, W, C]. */
  readonly from: Float32Array;
  /** Gradient by what went in, to be written; zeros. */
  readonly to: Float32Array;
}

export interface PixelRule {
  /** Puts the op on the plan of one image. */
  lower(plan: PlanBuilder, magnitude: number, key: Key): void;
  /** Writes `to`, and gives the gradient by the magnitude. */
  backward(image: Backward): number;
}

/** A twin from what the stream does and how its gradient is computed. Each image has a key of its own. */
export function pixelTwin({ lower, backward }: PixelRule): PixelTwin {
  return {
    kind: 'pixels',
    apply(images, magnitude, key) {
      const shape = shapeOf(images);
      const stride = strideOf(shape);
      const run = tf.customGrad<tf.Tensor4D>((...given) => {
        const [x, m] = given as unknown as [tf.Tensor4D, tf.Tensor1D];
        const bytes = bytesOf(x.dataSync() as Float32Array);
        const magnitudes = magnitudesOf(m, shape);
        const out = rendered(bytes, shape, (plan, i) => {
          lower(plan, magnitudes[i] as number, fold(key, i));
        });
        const gradFunc = (dy: tf.Tensor4D) => {
          const from = dy.dataSync() as Float32Array;
          const to = new Float32Array(from.length);
          const byMagnitude = Float32Array.from(magnitudes, (magnitude, i) => {
            const own = <T extends Uint8Array | Float32Array>(all: T) =>
              all.subarray(i * stride, (i + 1) * stride) as T;
            return backward({
              input: own(bytes),
              shape,
              magnitude,
              key: fold(key, i),
              from: own(from),
              to: own(to),
            });
          });
          return [tf.tensor4d(to, x.shape), tf.tensor1d(byMagnitude)];
        };
        return { value: tf.tensor4d(out, x.shape), gradFunc };
      });
      return run(images, magnitude);
    },
  };
}
