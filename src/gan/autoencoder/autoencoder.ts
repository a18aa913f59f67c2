/** The configuration of an autoencoder, and the networks built from it. */
import { z } from 'zod';
import { parseOptions, scheduled } from '../../core/index.js';
import { dense } from '../../train/layers/index.js';
import type { InputSpec } from '../../train/task.js';
import { switchable } from '../options.js';
import { type Part, part } from '../part.js';
import { guideOptions } from './guide.js';
import { decoderLayers, encoderLayers } from './networks.js';

export const autoencoderOptions = z.strictObject({
  /** Length of a code. */
  latent: z.int().min(1).default(64),
  /** Filters next to the image; they double at every halving, up to eight times. */
  width: z.int().min(1).default(32),
  /** The encoder outputs a mean and a variance, and codes are sampled in training. */
  variational: z.boolean().default(false),
  /** Weight β of the divergence from N(0, I), the variance of the decoder's Gaussian. Used only if `variational`. */
  beta: scheduled(0).default(0.1),
  /** ½·mean square, or mean absolute difference. */
  reconstruction: z.enum(['mse', 'mae']).default('mse'),
  /** The decoder receives the class, so codes need not hold it. */
  conditional: z.boolean().default(false),
  /** Separates classes in the latent space: true, or weights (see guide.ts). */
  guide: switchable(guideOptions),
});
export type AutoencoderConfig = z.output<typeof autoencoderOptions>;

/** The name and options of an autoencoder, without shape and weights. */
export interface AutoencoderDescription {
  readonly name: string;
  readonly config: AutoencoderConfig;
}

export function describeAutoencoder(
  options: z.input<typeof autoencoderOptions> = {},
): AutoencoderDescription {
  const config = parseOptions('autoencoder', autoencoderOptions, options);
  const kind = config.variational ? 'vae' : 'autoencoder';
  return { name: `${config.guide ? 'guided-' : ''}${kind}-${config.latent}`, config };
}

/** An autoencoder for one shape of image and one list of classes. */
export interface Coder {
  readonly model: AutoencoderDescription;
  readonly spec: InputSpec;
  readonly encoder: Part;
  readonly decoder: Part;
  /** Codes → class logits, for a guided autoencoder. */
  readonly classifier?: Part;
}

export function buildCoder(model: AutoencoderDescription, spec: InputSpec): Coder {
  const { latent, width, variational, conditional, guide } = model.config;
  const { input, classes } = spec;
  const encoder = part('encoder', encoderLayers(input, variational ? 2 * latent : latent, width), input);
  const decoder = part(
    'decoder',
    decoderLayers(input, { width, latent }, conditional ? classes.length : undefined),
    [latent],
  );
  const head = dense(classes.length, { initializer: 'lecunNormal', name: 'head' });
  return { model, spec, encoder, decoder, ...(guide && { classifier: part('classifier', head, [latent]) }) };
}

export const partsOf = ({ encoder, decoder, classifier }: Coder): Part[] => [
  encoder,
  decoder,
  ...(classifier ? [classifier] : []),
];

/** What a checkpoint must agree with: the parts of the configuration that shape the weights. */
export function identityOf({ config }: AutoencoderDescription): Record<string, unknown> {
  const { latent, width, variational, conditional, guide } = config;
  return {
    task: 'autoencoder',
    model: { latent, width, variational, conditional, guided: guide !== undefined },
  };
}
