import { tf } from '../../graph/tf.js';
import type { State } from '../../train/state/tensors.js';
import type { ModelFunctions } from '../functions.js';
import { checkLabels } from '../labels.js';
import { oneHot, run } from '../part.js';
import { GenerativeModel, noiseFrom, noiseOf } from '../trained.js';
import { criticise } from './critic.js';
import { type BuiltGan, ganParts } from './gan.js';

/**
 * A trained GAN: images of any of its classes from seeds, and its critic's scores of images. `fit` and `load` return it.
 * Tensors that its methods return belong to you.
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * const made = generator.generate([0, 0, 1], 7); // the same seed makes the same images
 * console.log(made.shape, generator.score(made, [0, 0, 1]).shape); // → [ 3, 8, 8, 3 ] [ 3 ]
 */
export class Generator extends GenerativeModel {
  constructor(
    readonly built: BuiltGan,
    state: State,
  ) {
    super(built.spec, state, ganParts(built));
  }

  /** Length of the noise vector of an image. */
  get latent(): number {
    return this.built.model.config.latent;
  }

  /** Noise [count, Z] drawn from a seed. */
  noise(count: number, seed = 0): tf.Tensor2D {
    return noiseOf(count, this.latent, seed);
  }

  /** Images [N, H, W, C] in [−1, 1], one for each label, from the noise of a seed or from noise [N, Z]. */
  generate(labels: ArrayLike<number>, from: number | tf.Tensor2D = 0): tf.Tensor4D {
    checkLabels('generate', labels, labels.length, this.classes);
    return tf.tidy(() => {
      const noise = noiseFrom('generate', from, labels.length, this.latent);
      const condition = oneHot(labels, this.classes.length);
      return run<tf.Tensor4D>(this.built.generator, this.weights, noise, { condition }).y;
    });
  }

  /** The critic's scores [N] of images [N, H, W, C] with these labels; higher is better. */
  score(images: tf.Tensor4D, labels: ArrayLike<number>): tf.Tensor1D {
    this.checkShape('score', images);
    checkLabels('score', labels, images.shape[0], this.classes);
    const { critic } = this.built;
    return tf.tidy(() => criticise(critic, this.weights, images, oneHot(labels, this.classes.length)).score);
  }

  /** generate: noise and classes [B, K] (one-hot) → images. score: images and classes → scores [B]. */
  get functions(): ModelFunctions {
    const { built, weights, latent, tensors: params } = this;
    const classes = { name: 'classes', shape: [null, this.classes.length] };
    return {
      generate: {
        inputs: [{ name: 'noise', shape: [null, latent] }, classes],
        params,
        run: ({ noise, classes: condition }) => ({
          images: run(built.generator, weights, noise, { condition: condition as tf.Tensor2D }).y,
        }),
      },
      score: {
        inputs: [{ name: 'images', shape: [null, ...built.spec.input] }, classes],
        params,
        run: ({ images, classes: condition }) => ({
          score: criticise(built.critic, weights, images, condition as tf.Tensor2D).score,
        }),
      },
    };
  }
}
