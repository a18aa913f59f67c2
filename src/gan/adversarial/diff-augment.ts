import { fold, type Key, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { uniform } from '../../train/ops/noise.js';

/**
 * The operations of differentiable augmentation (Zhao et al., 2020), for `augment: { ops }` of a GAN: applied to real and
 * generated images alike before the critic sees them.
 *
 * @example
 * console.log(DIFF_AUGMENTS.join(' ')); // → brightness saturation contrast translation cutout
 */
export const DIFF_AUGMENTS = ['brightness', 'saturation', 'contrast', 'translation', 'cutout'] as const;
/** The name of one operation of differentiable augmentation. */
export type DiffAugment = (typeof DIFF_AUGMENTS)[number];

/** One number for each sample, [B]; absent operations are not applied. */
export interface AugmentDraws {
  /** Added to the pixels. */
  readonly brightness?: tf.Tensor;
  /** Factors. */
  readonly saturation?: tf.Tensor;
  readonly contrast?: tf.Tensor;
  /** In whole pixels. */
  readonly translation?: { readonly down: tf.Tensor; readonly right: tf.Tensor };
  /** Upper left corner of the square, and whether there is one: 1 or 0. */
  readonly cutout?: { readonly top: tf.Tensor; readonly left: tf.Tensor; readonly on: tf.Tensor };
}

/**
 * Draws augmentations for real or generated images x [B, H, W, C] in [−1, 1] (Zhao et al., "Differentiable
 * augmentation", 2020). The critic's step and the generator's step both augment before the critic sees the images, and the
 * gradient passes through. Each sample has its own draw:
 *   brightness   x + U(−0.5, 0.5)
 *   saturation   m + (x − m)·U(0, 2), m the mean over channels
 *   contrast     m + (x − m)·U(0.5, 1.5), m the mean over the image
 *   translation  up to an eighth of the side in each direction, filled with zeros
 *   cutout       a square of half the side, centered anywhere, becomes 0
 * With `probability` (a number or a scalar tensor, default 1) each operation is applied to each sample independently;
 * ADA adjusts it. Translation is a product with a matrix of ones and zeros, so everything can be differentiated twice.
 */
export function drawAugments(
  key: Key,
  [size, height, width]: readonly number[],
  ops: readonly DiffAugment[],
  probability: number | tf.Scalar = 1,
): AugmentDraws {
  const noise = (name: string) => uniform(fold(key, tag(name)), [size]);
  const happens = (name: string): tf.Tensor =>
    probability === 1 ? tf.ones([size]) : tf.less(noise(`${name}?`), probability).toFloat();
  const range = (name: string, low: number, high: number) => tf.add(tf.mul(noise(name), high - low), low);
  /** Whole numbers in low..high. */
  const whole = (name: string, low: number, high: number) =>
    tf.minimum(tf.floor(range(name, low, high + 1)), high);
  const factor = (name: DiffAugment, low: number, high: number) =>
    tf.add(tf.mul(tf.sub(range(name, low, high), 1), happens(name)), 1);

  const draws: { -readonly [K in keyof AugmentDraws]: AugmentDraws[K] } = {};
  if (ops.includes('brightness'))
    draws.brightness = tf.mul(range('brightness', -0.5, 0.5), happens('brightness'));
  if (ops.includes('saturation')) draws.saturation = factor('saturation', 0, 2);
  if (ops.includes('contrast')) draws.contrast = factor('contrast', 0.5, 1.5);
  if (ops.includes('translation')) {
    const [y, x] = [Math.round(height / 8), Math.round(width / 8)];
    const on = happens('translation');
    draws.translation = {
      down: tf.mul(whole('down', -y, y), on),
      right: tf.mul(whole('right', -x, x), on),
    };
  }
  if (ops.includes('cutout')) {
    const corner = (side: number) => [-Math.floor(side / 4), side - Math.floor(side / 4)] as const;
    draws.cutout = {
      top: whole('top', ...corner(height)),
      left: whole('left', ...corner(width)),
      on: happens('cutout'),
    };
  }
  return draws;
}

/** Applies the drawn operations. */
export function augmented(images: tf.Tensor4D, draws: AugmentDraws): tf.Tensor4D {
  const { brightness, saturation, contrast, translation, cutout } = draws;
  const each = (draw: tf.Tensor) => draw.reshape([-1, 1, 1, 1]);
  let x: tf.Tensor = images;
  if (brightness) x = tf.add(x, each(brightness));
  if (saturation) x = about(x, tf.mean(x, 3, true), each(saturation));
  if (contrast) x = about(x, tf.mean(x, [1, 2, 3], true), each(contrast));
  if (translation) x = translated(x as tf.Tensor4D, translation.down, translation.right);
  if (cutout) x = tf.mul(x, kept(x.shape, cutout));
  return x as tf.Tensor4D;
}

function about(x: tf.Tensor, middle: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  return tf.add(middle, tf.mul(tf.sub(x, middle), factor));
}

function translated(x: tf.Tensor4D, down: tf.Tensor, right: tf.Tensor): tf.Tensor {
  const turned = tf.transpose(moved(x, down), [0, 2, 1, 3]) as tf.Tensor4D;
  return tf.transpose(moved(turned, right), [0, 2, 1, 3]);
}

/** Shifts the rows of [B, H, W, C] by whole numbers [B]. */
function moved(x: tf.Tensor4D, by: tf.Tensor): tf.Tensor4D {
  const [size, height, width, channels] = x.shape;
  const to = tf.range(0, height).reshape([1, height, 1]);
  const from = tf.range(0, height).reshape([1, 1, height]);
  const take = tf.equal(from, tf.sub(to, by.reshape([-1, 1, 1]))).toFloat(); // [B, H, H]
  return tf.matMul(take, x.reshape([size, height, width * channels])).reshape(x.shape);
}

/** 0 inside the square of half the side, 1 elsewhere: [B, H, W, 1]. */
function kept(
  [, height, width]: number[],
  { top, left, on }: NonNullable<AugmentDraws['cutout']>,
): tf.Tensor {
  const inside = (side: number, start: tf.Tensor) => {
    const at = tf.sub(tf.range(0, side).reshape([1, side]), start.reshape([-1, 1])); // [B, side]
    return tf.mul(tf.greaterEqual(at, 0).toFloat(), tf.less(at, Math.floor(side / 2)).toFloat());
  };
  const rows = inside(height, top).reshape([-1, height, 1, 1]);
  const columns = inside(width, left).reshape([-1, 1, width, 1]);
  return tf.sub(1, tf.mul(tf.mul(rows, columns), on.reshape([-1, 1, 1, 1])));
}
