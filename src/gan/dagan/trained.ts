import { tf } from '../../graph/tf.js';
import type { State } from '../../train/state/tensors.js';
import { criticise } from '../adversarial/critic.js';
import type { ModelFunctions } from '../functions.js';
import { GenerativeModel, noiseFrom, noiseOf } from '../trained.js';
import { type BuiltDagan, daganParts } from './dagan.js';

/**
 * A trained DAGAN: makes other images of the class of an image. `fit` and `load` return it. Tensors that its methods return
 * belong to you.
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const model = dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge' });
 * const augmenter = await fit(images$, { model, backend: 'cpu' });
 * console.log(augmenter.noise(2, 1).shape); // → [ 2, 4 ]
 */
export class ImageAugmenter extends GenerativeModel {
  constructor(
    readonly built: BuiltDagan,
    state: State,
  ) {
    super(built.spec, state, daganParts(built));
  }

  /** Length of the noise vector of an image. */
  get latent(): number {
    return this.built.model.config.latent;
  }

  /** Noise [count, Z] drawn from a seed. */
  noise(count: number, seed = 0): tf.Tensor2D {
    return noiseOf(count, this.latent, seed);
  }

  /** Another image for each of [B, H, W, C] in [−1, 1], from the noise of a seed or from noise [B, Z]. */
  augment(images: tf.Tensor4D, from: number | tf.Tensor2D = 0): tf.Tensor4D {
    this.checkShape('augment', images);
    return tf.tidy(() => {
      const noise = noiseFrom('augment', from, images.shape[0], this.latent);
      return this.built.generator.make(this.weights, images, noise).images;
    });
  }

  /**
   * generate: originals and noise → images. score: images and their originals → scores [B]; a critic with
   * 'projection' takes classes [B, K] too.
   */
  get functions(): ModelFunctions {
    const { built, weights, latent, tensors: params } = this;
    const shape = [null, ...built.spec.input];
    const originals = { name: 'originals', shape };
    const conditions = built.critic.projection
      ? [{ name: 'classes', shape: [null, this.classes.length] }]
      : [];
    return {
      generate: {
        inputs: [originals, { name: 'noise', shape: [null, latent] }],
        params,
        run: ({ originals, noise }) => ({
          images: built.generator.make(weights, originals as tf.Tensor4D, noise as tf.Tensor2D).images,
        }),
      },
      score: {
        inputs: [{ name: 'images', shape }, originals, ...conditions],
        params,
        run: (given) => ({
          score: criticise(
            built.critic,
            weights,
            tf.concat([given.images, given.originals], 3),
            given.classes as tf.Tensor2D | undefined,
          ).score,
        }),
      },
    };
  }
}
