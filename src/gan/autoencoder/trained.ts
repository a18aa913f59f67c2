import { expected, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { State } from '../../train/state/tensors.js';
import type { ModelFunctions } from '../functions.js';
import { checkLabels } from '../labels.js';
import { oneHot, run } from '../part.js';
import { GenerativeModel } from '../trained.js';
import { type Coder, partsOf } from './autoencoder.js';

/**
 * A trained autoencoder: codes of images with `encode`, images of codes with `decode`. `fit` and `load` return it. Tensors that
 * its methods return belong to you.
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const coder = await fit(images$, { model: autoencoder({ latent: 4, width: 4 }), backend: 'cpu' });
 * const { encode, decode } = coder.functions;
 * console.log(encode.inputs[0].shape, decode.inputs[0].shape); // → [ null, 8, 8, 3 ] [ null, 4 ]
 */
export class Autoencoder extends GenerativeModel {
  constructor(
    readonly coder: Coder,
    state: State,
  ) {
    super(coder.spec, state, partsOf(coder));
  }

  /** L */
  get latent(): number {
    return this.coder.model.config.latent;
  }

  /** Images [B, H, W, C] in [−1, 1] → codes [B, L]; means of codes for a variational autoencoder. */
  encode(images: tf.Tensor4D): tf.Tensor2D {
    this.checkShape('encode', images);
    return tf.tidy(() => this.mean(images));
  }

  /** Codes [B, L] → images [B, H, W, C]; labels [B] for a conditional decoder. */
  decode(codes: tf.Tensor2D, labels?: ArrayLike<number>): tf.Tensor4D {
    const { coder } = this;
    if (codes.rank !== 2 || codes.shape[1] !== this.latent) {
      throw new RxaugError(
        expected('decode', `codes of ${this.latent} numbers`, codes.shape, `encode with ${coder.model.name}`),
      );
    }
    if (!coder.model.config.conditional)
      return tf.tidy(() => run<tf.Tensor4D>(coder.decoder, this.weights, codes).y);
    checkLabels('decode', labels, codes.shape[0], this.classes);
    return tf.tidy(() => {
      const condition = oneHot(labels as ArrayLike<number>, this.classes.length);
      return run<tf.Tensor4D>(coder.decoder, this.weights, codes, { condition }).y;
    });
  }

  private mean(images: tf.Tensor): tf.Tensor2D {
    const { encoder } = this.coder;
    const encoded = run<tf.Tensor2D>(encoder, this.weights, images).y;
    return encoded.shape[1] === this.latent ? encoded : tf.slice(encoded, [0, 0], [-1, this.latent]);
  }

  /** encode: images → codes. decode: codes (and classes [B, K], one-hot) → images. */
  get functions(): ModelFunctions {
    const { coder, weights, latent, tensors: params } = this;
    const { input, classes } = coder.spec;
    const { conditional } = coder.model.config;
    return {
      encode: {
        inputs: [{ name: 'images', shape: [null, ...input] }],
        params,
        run: ({ images }) => ({ codes: this.mean(images) }),
      },
      decode: {
        inputs: [
          { name: 'codes', shape: [null, latent] },
          ...(conditional ? [{ name: 'classes', shape: [null, classes.length] }] : []),
        ],
        params,
        run: ({ codes, classes: condition }) => ({
          images: run(coder.decoder, weights, codes, { condition: condition as tf.Tensor2D }).y,
        }),
      },
    };
  }
}
