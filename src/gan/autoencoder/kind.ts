import type { z } from 'zod';
import type { tf } from '../../graph/tf.js';
import type { ModelKind, Trainable } from '../../train/kind.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { checkSamples, generativeOptions } from '../options.js';
import { pairSheet } from '../pair-sheet.js';
import { watching } from '../watching.js';
import {
  type AutoencoderDescription,
  type autoencoderOptions,
  buildCoder,
  describeAutoencoder,
  partsOf,
} from './autoencoder.js';
import { type AutoencoderTask, autoencoding } from './task.js';
import { Autoencoder } from './trained.js';

/** Options of `train` and `fit` for an autoencoder, apart from the model. */
export type AutoencoderTrainOptions = z.input<typeof generativeOptions>;

/** What `autoencoder()` returns: a description without shape and weights. */
export interface AutoencoderModel
  extends AutoencoderDescription,
    Trainable<AutoencoderTrainOptions, Autoencoder> {
  readonly config: AutoencoderDescription['config'];
}

/**
 * A convolutional autoencoder: images to codes of `latent` numbers and back. Trained on square images in [−1, 1]; `fit` returns
 * an `Autoencoder`, which `latentNoise` and `latentBank` use.
 *
 * - `latent`: default 64; `width`: filters next to the image, default 32
 * - `variational`: codes are sampled (Kingma and Welling, 2014), default false; `beta`: weight of the divergence, default 0.1
 * - `reconstruction`: 'mse' (default) or 'mae'; `conditional`: the decoder receives the class, default false
 * - `guide`: separates classes in the latent space (after MODALS, Cheung and Yeung, 2021): true, or weights
 *
 * @throws UsageError for an option out of its range
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const coder = await fit(images$, { model: autoencoder({ latent: 4, width: 4 }), backend: 'cpu' });
 * console.log(coder.latent, coder.classes); // → 4 [ 'cat', 'dog' ]
 */
export function autoencoder(options: z.input<typeof autoencoderOptions> = {}): AutoencoderModel {
  return { ...describeAutoencoder(options), kind: autoencoderKind };
}

/** How autoencoders are trained and loaded. */
export const autoencoderKind: ModelKind<AutoencoderTrainOptions, Autoencoder> = {
  task: 'autoencoder',
  title: 'an autoencoder',
  result: Autoencoder,
  options: generativeOptions,
  check: (owner, _model, options) => checkSamples(owner, options as Parsed),
  begin(model, options) {
    const { optimizer, clipNorm, weightDecay, ema, judge, samples, validation } = options as Parsed;
    const description = model as AutoencoderModel;
    const taskFor = autoencoding({ model: description, optimizer, clipNorm, weightDecay, ema, judge });
    return {
      ...watching(taskFor, samples, ({ coder }, state, count) => {
        const { encode, decode } = new Autoencoder(coder, state).functions;
        return pairSheet('reconstructions', coder.spec, validation as Batches, count, (images, classes) => {
          const { codes } = encode.run({ images });
          return { rows: [images, decode.run({ codes, classes }).images as tf.Tensor4D] };
        });
      }),
      result: (task, state) => new Autoencoder((task as AutoencoderTask).coder, state),
    };
  },
  restore({ identity, look }) {
    const { guided, ...config } = identity.model as { guided: boolean } & Parameters<typeof autoencoder>[0];
    const coder = buildCoder(describeAutoencoder({ ...config, guide: guided }), look);
    return { parts: partsOf(coder), make: (state) => new Autoencoder(coder, state) };
  },
};

type Parsed = z.output<typeof generativeOptions>;
