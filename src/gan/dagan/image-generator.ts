/**
 * Two ways from an image and noise to another image, [B, H, W, C] and [B, Z] → [B, H, W, C] in (−1, 1):
 *   'unet'  (as the paper has it) the noise joins where the map is smallest, and every map of the way down stands beside
 *           one of the way up: what is made keeps place and color of what it was made of
 *   'code'  an encoder, a small CNN of twice the width, makes a code of unit length, c = e(x) / ‖e(x)‖, and that stands
 *           where a GAN's generator has the class (like the class code of Liu et al., 2019): what is made keeps what
 *           tells classes apart, and nothing of its original shines through. With a guide a dense layer on 8·c names
 *           the class, for what the encoder cannot tell apart the generator cannot keep
 */
import { tf } from '../../graph/tf.js';
import { dense, sequential } from '../../train/layers/index.js';
import type { Mode } from '../../train/models/model.js';
import type { Tensors } from '../../train/state/tensors.js';
import { generatorLayers } from '../adversarial/generator.js';
import { classifierLayers } from '../classifier.js';
import { halvings } from '../images.js';
import { type Part, part, run, type Weights } from '../part.js';
import { buildUnet, runUnet, unetParts } from '../unet.js';

export const NETWORKS = ['unet', 'code'] as const;

export interface ImageGeneratorOptions {
  readonly network: (typeof NETWORKS)[number];
  readonly width: number;
  /** Z, and the numbers in a code. */
  readonly latent: number;
  /** K, where codes are to name it; a U-Net has none. */
  readonly classes?: number;
}

export interface ImageGenerator {
  readonly parts: readonly Part[];
  /** Images, the statistics that a pass in training moved, and the codes. Call it inside `tf.tidy`. */
  make(
    weights: Weights,
    images: tf.Tensor4D,
    noise: tf.Tensor2D,
    mode?: Mode,
  ): { images: tf.Tensor4D; updates: Tensors; codes?: tf.Tensor2D };
  /** Logits [B, K] of codes, where they are to name classes. */
  classify?(weights: Weights, codes: tf.Tensor2D): tf.Tensor2D;
}

export function buildImageGenerator(
  image: readonly number[],
  { network, width, latent, classes }: ImageGeneratorOptions,
): ImageGenerator {
  halvings('dagan', image); // an image that will not do is refused in the name of the whole
  if (network === 'unet') {
    const unet = buildUnet('generator', image, { width, noise: latent, inputs: 1 });
    return {
      parts: unetParts(unet),
      make: (weights, images, noise) => ({ images: runUnet(unet, weights, images, noise), updates: {} }),
    };
  }
  const encoder = part('generator/encoder', classifierLayers('dagan', image, 2 * width, latent), image);
  const generator = part('generator', generatorLayers(image, { width, classes: latent }), [latent]);
  const classifier =
    classes === undefined
      ? undefined
      : part('generator/class', sequential([dense(classes, { name: 'dense' })]), [latent]);
  return {
    parts: classifier ? [encoder, generator, classifier] : [encoder, generator],
    make(weights, images, noise, mode) {
      const { y: code, updates: moved } = run<tf.Tensor2D>(encoder, weights, images, mode);
      const length = tf.sqrt(tf.add(tf.sum(tf.square(code), 1, true), 1e-6)); // its gradient is finite at 0
      const condition = tf.div(code, length) as tf.Tensor2D;
      const { y, updates } = run<tf.Tensor4D>(generator, weights, noise, { ...mode, condition });
      return { images: y, updates: { ...moved, ...updates }, codes: condition };
    },
    ...(classifier && {
      classify: (weights: Weights, codes: tf.Tensor2D) =>
        run<tf.Tensor2D>(classifier, weights, tf.mul(codes, SHARPNESS)).y,
    }),
  };
}

/** Of a code of unit length, so that a class can be named with certainty by weights of usual size. */
const SHARPNESS = 8;
