/**
 * Two ways from an image and noise to another image, [B, H, W, C] and [B, Z] → [B, H, W, C] in (−1, 1):
 *   'unet'  (as in the paper) the noise enters at the smallest map, and every map of the encoder is concatenated to one
 *           of the decoder: generated images keep the places and colors of their originals
 *   'code'  an encoder, a small CNN of twice the width, makes a code of unit length, c = e(x) / ‖e(x)‖, which replaces the
 *           class input of a GAN's generator (like the class code of Liu et al., 2019): generated images keep what
 *           distinguishes classes, and no detail of the original. With a guide a dense layer on 8·c predicts the class,
 *           because the generator cannot keep what the encoder does not distinguish
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
  /** Z, the length of the noise vector and of a code. */
  readonly latent: number;
  /** K, if the class is to be predicted from codes; a U-Net has no codes. */
  readonly classes?: number;
}

export interface ImageGenerator {
  readonly parts: readonly Part[];
  /** Returns images, the statistics that a training pass updated, and the codes. Call it inside `tf.tidy`. */
  make(
    weights: Weights,
    images: tf.Tensor4D,
    noise: tf.Tensor2D,
    mode?: Mode,
  ): { images: tf.Tensor4D; updates: Tensors; codes?: tf.Tensor2D };
  /** Class logits [B, K] from codes. */
  classify?(weights: Weights, codes: tf.Tensor2D): tf.Tensor2D;
}

export function buildImageGenerator(
  image: readonly number[],
  { network, width, latent, classes }: ImageGeneratorOptions,
): ImageGenerator {
  halvings('dagan', image); // refuses a size that does not fit, in the name of the model
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

/** Scale of unit-length codes before the dense layer, so usual weights can give confident predictions. */
const SHARPNESS = 8;
