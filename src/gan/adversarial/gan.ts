/** The configuration of a GAN, and the networks built from it. */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import type { InputSpec } from '../../train/task.js';
import { type Part, part } from '../part.js';
import { buildCritic, type Critic, criticParts } from './critic.js';
import { generatorLayers } from './generator.js';
import { buildGuide, type Guide, guidanceSchema, guideParts } from './guide.js';

export const ganOptions = z.strictObject({
  /** Length of the noise vector of an image. */
  latent: z.int().min(1).default(64),
  /** Filters of the generator next to the image; they double at every halving, up to four times. */
  width: z.int().min(1).default(32),
  /** The same for the critic. */
  criticWidth: z.int().min(1).default(32),
  loss: z.enum(['wgan-gp', 'hinge']).default('hinge'),
  conditioning: z.enum(['projection', 'auxiliary']).default('projection'),
  /** Weight λ of a guide, a classifier that the generator must satisfy too (see guide.ts); absent: no guide. */
  guidance: guidanceSchema,
  /** Fixes the critic's spectral norms at 1; default: true with the hinge loss, which needs it. */
  spectralNorm: z.boolean().optional(),
});
export type GanConfig = z.output<typeof ganOptions> & { readonly spectralNorm: boolean };

/** The name and options of a GAN, without shape and weights. */
export interface GanDescription {
  readonly name: string;
  readonly config: GanConfig;
}

export function describeGan(options: z.input<typeof ganOptions> = {}): GanDescription {
  const parsed = parseOptions('gan', ganOptions, options);
  const config = { ...parsed, spectralNorm: parsed.spectralNorm ?? parsed.loss === 'hinge' };
  return { name: `gan-${parsed.loss}-${parsed.width}`, config };
}

/** A GAN for one shape of image and one list of classes. */
export interface BuiltGan {
  readonly model: GanDescription;
  readonly spec: InputSpec;
  readonly generator: Part;
  readonly critic: Critic;
  readonly guide?: Guide;
}

export function buildGan(model: GanDescription, spec: InputSpec): BuiltGan {
  const { latent, width, criticWidth, conditioning, spectralNorm: spectral, guidance } = model.config;
  const { input, classes: names } = spec;
  const classes = names.length;
  return {
    model,
    spec,
    generator: part('generator', generatorLayers(input, { width, classes }), [latent]),
    critic: buildCritic(input, { width: criticWidth, classes, conditioning, spectral }),
    guide: buildGuide(input, { width: criticWidth, classes, guidance }),
  };
}

export const ganParts = ({ generator, critic, guide }: BuiltGan): Part[] => [
  generator,
  ...criticParts(critic),
  ...guideParts(guide),
];
