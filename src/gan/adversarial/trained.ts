/** A trained GAN: images of any of its classes from seeds, and its critic's opinion of images. */
import * as tf from '@tensorflow/tfjs-core';
import { expected, fold, keyOf, RxaugError, tag } from '../../core/index.js';
import { normalArray } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import { disposeState, type State } from '../../train/tensors.js';
import type { ModelFunctions } from '../functions.js';
import { checkLabels } from '../labels.js';
import { oneHot, run, type Weights } from '../part.js';
import { criticise } from './critic.js';
import type { BuiltGan } from './gan.js';

export class Generator {
  /** What it computes with: the generator's moving averages, where training kept them. */
  readonly weights: Weights;

  constructor(
    readonly built: BuiltGan,
    /** Owned: `dispose` frees it. */
    readonly state: State,
  ) {
    this.weights = weightsOf(state);
  }

  get classes(): readonly string[] {
    return this.built.look.classes;
  }

  /** Numbers in the noise of one image. */
  get latent(): number {
    return this.built.model.config.latent;
  }

  /** Noise [count, Z] of a seed: the same on every backend. */
  noise(count: number, seed = 0): tf.Tensor2D {
    const key = fold(keyOf(seed), tag('noise'));
    return tf.tensor2d(normalArray(key, count * this.latent), [count, this.latent]);
  }

  /** Images [N, H, W, C] in [−1, 1], one for each label; of the noise of a seed, or of noise [N, Z]. The caller's. */
  generate(labels: ArrayLike<number>, from: number | tf.Tensor2D = 0): tf.Tensor4D {
    checkLabels('generate', labels, labels.length, this.classes);
    return tf.tidy(() => {
      const noise = typeof from === 'number' ? this.noise(labels.length, from) : from;
      if (noise.rank !== 2 || noise.shape[0] !== labels.length || noise.shape[1] !== this.latent) {
        throw new RxaugError(
          expected(
            'generate',
            `noise of ${labels.length}×${this.latent}`,
            noise.shape,
            `make it with noise(${labels.length})`,
          ),
        );
      }
      const condition = oneHot(labels, this.classes.length);
      return run<tf.Tensor4D>(this.built.generator, this.weights, noise, { condition }).y;
    });
  }

  /** What the critic gives images [N, H, W, C] of some classes: [N], more is better. */
  score(images: tf.Tensor4D, labels: ArrayLike<number>): tf.Tensor1D {
    const { look, critic } = this.built;
    if (images.shape.slice(1).join() !== look.input.join()) {
      throw new RxaugError(
        expected(
          'score',
          `images of ${look.input.join('×')}`,
          images.shape.slice(1),
          'resize them as for training',
        ),
      );
    }
    checkLabels('score', labels, images.shape[0], this.classes);
    return tf.tidy(() => criticise(critic, this.weights, images, oneHot(labels, this.classes.length)).score);
  }

  /** generate: noise and classes [B, K] (one-hot) → images. score: images and classes → scores [B]. */
  get functions(): ModelFunctions {
    const { built, weights, latent } = this;
    const { input } = built.look;
    const params = { ...weights.params, ...weights.stats };
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
        inputs: [{ name: 'images', shape: [null, ...input] }, classes],
        params,
        run: ({ images, classes: condition }) => ({
          score: criticise(built.critic, weights, images, condition as tf.Tensor2D).score,
        }),
      },
    };
  }

  dispose(): void {
    disposeState(this.state);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
