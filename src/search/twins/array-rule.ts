/**
 * Twins on plain arrays. All built-in twins are: what an image becomes is put on a plan, and the gradient is written by hand.
 * Rows of a batch that have such twins are rendered together, whatever their ops are, and no tensor is split or joined.
 */
import type { PlanBuilder } from '../../augment/index.js';
import type { Key } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Twin } from '../space/search-op.js';
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

export interface ArrayRule {
  /** Puts the op on the plan of one image. */
  lower(plan: PlanBuilder, magnitude: number, key: Key): void;
  /** Writes `to`, and gives the gradient by the magnitude. */
  backward(image: Backward): number;
}

const RULES = new WeakMap<Twin, ArrayRule>();

/** The twin, whose rule `ruleOf` gives from now on. */
export function withRule<T extends Twin>(twin: T, rule: ArrayRule): T {
  RULES.set(twin, rule);
  return twin;
}

/** Absent for twins that others wrote with tensors. */
export const ruleOf = (twin: Twin): ArrayRule | undefined => RULES.get(twin);

/** What an image goes through. */
export interface RowRule {
  readonly rule: ArrayRule;
  readonly key: Key;
}

/**
 * Each image under the rule of its row, or as it is where there is none; images [B, H, W, C] in [0, 1]. Differentiable once,
 * by the images and by the magnitudes [B].
 */
export function applyRules(
  images: tf.Tensor4D,
  magnitude: tf.Tensor1D,
  rows: readonly (RowRule | undefined)[],
): tf.Tensor4D {
  const shape = shapeOf(images);
  const stride = strideOf(shape);
  const run = tf.customGrad<tf.Tensor4D>((...given) => {
    const [x, m] = given as unknown as [tf.Tensor4D, tf.Tensor1D];
    const values = x.dataSync() as Float32Array;
    const bytes = bytesOf(values);
    const magnitudes = magnitudesOf(m, shape);
    const out = rendered(bytes, shape, (plan, i) => {
      const row = rows[i];
      row?.rule.lower(plan, magnitudes[i] as number, row.key);
      return row !== undefined;
    });
    const own = <T extends Uint8Array | Float32Array>(all: T, i: number) =>
      all.subarray(i * stride, (i + 1) * stride) as T;
    rows.forEach((row, i) => {
      if (!row) own(out, i).set(own(values, i));
    });
    const gradFunc = (dy: tf.Tensor4D) => {
      const from = dy.dataSync() as Float32Array;
      const to = new Float32Array(from.length);
      const byMagnitude = Float32Array.from(magnitudes, (magnitude, i) => {
        const row = rows[i];
        const image = { input: own(bytes, i), from: own(from, i), to: own(to, i) };
        if (row) return row.rule.backward({ ...image, shape, magnitude, key: row.key });
        image.to.set(image.from);
        return 0;
      });
      return [tf.tensor4d(to, x.shape), tf.tensor1d(byMagnitude)];
    };
    return { value: tf.tensor4d(out, x.shape), gradFunc };
  });
  return run(images, magnitude);
}
