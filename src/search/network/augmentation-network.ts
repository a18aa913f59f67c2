/**
 * An augmentation network (TeachAugment, Suzuki, 2022): from noise z, one vector for each image, a small network makes six
 * numbers of geometry, and another, pixel by pixel from its color and z, a gain and an offset for each channel. Both begin at
 * the identity: their last layers are 0 then.
 */
import { fold, type Key, tag } from '../../core/index.js';
import { initializeParts, type Part, part, run, type Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { conv2d, dense, relu, sequential } from '../../train/layers/index.js';
import { mapTensors } from '../../train/state/tensors.js';
import type { Magnitude } from '../space/search-op.js';
import { warp } from '../twins/warp.js';

export interface NetworkConfig {
  /** Numbers in z. */
  readonly noise: number;
  /** Width of the hidden layer of geometry, and of color. */
  readonly geometry: number;
  readonly color: number;
  /** 1: images are gray, and stay so. */
  readonly channels: 1 | 3;
}

export interface AugmentationNetwork {
  readonly config: NetworkConfig;
  readonly parts: readonly [geometry: Part, color: Part];
}

/** The numbers of geometry, in their order: what each is at −1 and 1 of tanh, the activation of the head. */
export const GEOMETRY: Readonly<Record<string, Magnitude>> = {
  rotate: { low: -90, high: 90, neutral: 0, unit: 'degrees' },
  scaleX: { low: 0.5, high: 2, neutral: 1, unit: 'factor' },
  scaleY: { low: 0.5, high: 2, neutral: 1, unit: 'factor' },
  shear: { low: -0.5, high: 0.5, neutral: 0, unit: 'share of the side' },
  translateX: { low: -0.3, high: 0.3, neutral: 0, unit: 'share of the side' },
  translateY: { low: -0.3, high: 0.3, neutral: 0, unit: 'share of the side' },
};
const NUMBERS = Object.keys(GEOMETRY).length;

/** Gain lies in [1/3, 3], and offset in [−½, ½]. */
const GAIN = Math.log(3);
const OFFSET = 0.5;

export function augmentationNetwork(config: NetworkConfig): AugmentationNetwork {
  const { noise, geometry, color, channels } = config;
  return {
    config,
    parts: [
      part(
        'geometry',
        sequential([
          dense(geometry, { name: 'hidden' }),
          relu(),
          dense(NUMBERS, { initializer: 'lecunNormal', name: 'head' }),
        ]),
        [noise],
      ),
      part(
        'color',
        sequential([
          conv2d(color, { kernel: 1, name: 'hidden' }),
          relu(),
          conv2d(2 * channels, { kernel: 1, initializer: 'lecunNormal', name: 'head' }),
        ]),
        [1, 1, channels + noise],
      ),
    ],
  };
}

/** Weights at the identity. They belong to the caller. */
export function identityWeights({ parts }: AugmentationNetwork, key: Key): Weights {
  const { params, stats } = initializeParts(parts, fold(key, tag('augmentation-network')));
  const started = mapTensors(params, (tensor, name) => {
    if (!name.endsWith('/head/kernel')) return tensor;
    tensor.dispose();
    return tf.zeros(tensor.shape);
  });
  return { params: started, stats };
}

export interface NetworkOutput {
  /** [B, H, W, 3] in [0, 1] */
  readonly images: tf.Tensor4D;
  /** Each [B], in the units of `GEOMETRY`. */
  readonly geometry: Readonly<Record<string, tf.Tensor1D>>;
}

/**
 * Images [B, H, W, 3] in [0, 1] and noise [B, Z] → augmented images, differentiable by the weights: first moved, as a warp
 * moves them (rounded to 8 bits, bilinear, black outside), then colored: x′ = clip(gain·x + offset).
 */
export function applyNetwork(
  net: AugmentationNetwork,
  weights: Weights,
  images: tf.Tensor4D,
  noise: tf.Tensor2D,
): NetworkOutput {
  const [height, width] = images.shape.slice(1, 3) as [number, number];
  const geometry = geometryOf(net, weights, noise);
  const moved = warp(images, matrixOf(geometry, width, height));
  return { images: colored(net, weights, moved, noise), geometry };
}

function geometryOf({ parts: [head] }: AugmentationNetwork, weights: Weights, noise: tf.Tensor2D) {
  const numbers = tf.tanh(run<tf.Tensor2D>(head, weights, noise).y);
  const columns = tf.unstack(numbers, 1) as tf.Tensor1D[];
  return Object.fromEntries(
    Object.entries(GEOMETRY).map(([name, { high, neutral }], i) => {
      const t = columns[i] as tf.Tensor1D;
      const value = neutral === 1 ? tf.exp(tf.mul(t, Math.log(high))) : tf.mul(t, high);
      return [name, value as tf.Tensor1D];
    }),
  );
}

/** Output (x, y) reads the input at c + R·K·S·(p − c − t): inverse scale, shear and rotation about the center c. */
function matrixOf(geometry: NetworkOutput['geometry'], width: number, height: number) {
  const of = (name: string) => geometry[name] as tf.Tensor1D;
  const radians = tf.mul(of('rotate'), Math.PI / 180);
  const [cos, sin] = [tf.cos(radians), tf.sin(radians)];
  const [sx, sy] = [tf.reciprocal(of('scaleX')), tf.reciprocal(of('scaleY'))];
  const shear = tf.mul(of('shear'), sy);
  // [cos sin; −sin cos] · [1/sx, k/sy; 0, 1/sy]
  const [a, d] = [tf.mul(cos, sx), tf.neg(tf.mul(sin, sx))];
  const b = tf.add(tf.mul(cos, shear), tf.mul(sin, sy));
  const e = tf.sub(tf.mul(cos, sy), tf.mul(sin, shear));
  const [cx, cy] = [width / 2, height / 2];
  const [x, y] = [tf.add(tf.mul(of('translateX'), width), cx), tf.add(tf.mul(of('translateY'), height), cy)];
  const c = tf.sub(cx, tf.add(tf.mul(a, x), tf.mul(b, y)));
  const f = tf.sub(cy, tf.add(tf.mul(d, x), tf.mul(e, y)));
  return [a, b, c, d, e, f] as unknown as Parameters<typeof warp>[1];
}

function colored(
  { parts: [, head], config: { channels } }: AugmentationNetwork,
  weights: Weights,
  images: tf.Tensor4D,
  noise: tf.Tensor2D,
): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const pixels = channels === 1 ? tf.slice(images, [0, 0, 0, 0], [-1, -1, -1, 1]) : images;
  const z = tf.tile(tf.reshape(noise, [batch, 1, 1, -1]), [1, height, width, 1]);
  // Centered: colors and noise are of one size.
  const input = tf.concat([tf.sub(tf.mul(pixels, 2), 1), z], 3);
  const { y } = run<tf.Tensor4D>(head, weights, input);
  const [gain, offset] = tf.split(tf.tanh(y), 2, 3) as [tf.Tensor4D, tf.Tensor4D];
  const made = tf.add(tf.mul(pixels, tf.exp(tf.mul(gain, GAIN))), tf.mul(offset, OFFSET));
  const clipped = tf.clipByValue(made, 0, 1) as tf.Tensor4D;
  return channels === 1 ? tf.tile(clipped, [1, 1, 1, 3]) : clipped;
}
