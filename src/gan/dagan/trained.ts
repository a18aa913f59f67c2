/** A trained DAGAN: other images of the class of an image. */
import * as tf from '@tensorflow/tfjs-core';
import { expected, fold, keyOf, RxaugError, tag } from '../../core/index.js';
import { normalArray } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import { disposeState, type State } from '../../train/tensors.js';
import { criticise } from '../adversarial/critic.js';
import type { ModelFunctions } from '../functions.js';
import type { Weights } from '../part.js';
import { runUnet } from '../unet.js';
import type { BuiltDagan } from './dagan.js';

export class ImageAugmenter {
  readonly weights: Weights;

  constructor(
    readonly built: BuiltDagan,
    /** Owned: `dispose` frees it. */
    readonly state: State,
  ) {
    this.weights = weightsOf(state);
  }

  get classes(): readonly string[] {
    return this.built.look.classes;
  }

  get latent(): number {
    return this.built.model.config.latent;
  }

  /** Images [B, H, W, C] in [−1, 1] → as many others, of the noise of a seed or of noise [B, Z]. The caller's. */
  augment(images: tf.Tensor4D, from: number | tf.Tensor2D = 0): tf.Tensor4D {
    const { look, generator } = this.built;
    if (images.shape.slice(1).join() !== look.input.join()) {
      throw new RxaugError(
        expected(
          'augment',
          `images of ${look.input.join('×')}`,
          images.shape.slice(1),
          'resize them as for training',
        ),
      );
    }
    const count = images.shape[0];
    return tf.tidy(() => {
      const noise = typeof from === 'number' ? this.noise(count, from) : from;
      if (noise.rank !== 2 || noise.shape[0] !== count || noise.shape[1] !== this.latent) {
        throw new RxaugError(expected('augment', `noise of ${count}×${this.latent}`, noise.shape));
      }
      return runUnet(generator, this.weights, images, noise);
    });
  }

  noise(count: number, seed = 0): tf.Tensor2D {
    const key = fold(keyOf(seed), tag('noise'));
    return tf.tensor2d(normalArray(key, count * this.latent), [count, this.latent]);
  }

  /** generate: originals and noise → images. score: images beside those they were made of → scores [B]. */
  get functions(): ModelFunctions {
    const { built, weights, latent } = this;
    const image = [null, ...built.look.input];
    const params = { ...weights.params, ...weights.stats };
    return {
      generate: {
        inputs: [
          { name: 'originals', shape: image },
          { name: 'noise', shape: [null, latent] },
        ],
        params,
        run: ({ originals, noise }) => ({
          images: runUnet(built.generator, weights, originals as tf.Tensor4D, noise as tf.Tensor2D),
        }),
      },
      score: {
        inputs: [
          { name: 'images', shape: image },
          { name: 'originals', shape: image },
        ],
        params,
        run: ({ images, originals }) => ({
          score: criticise(built.critic, weights, tf.concat([images, originals], 3)).score,
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
