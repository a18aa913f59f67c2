/**
 * What a DAGAN is (Antoniou, Storkey and Edwards, "Data augmentation generative adversarial networks", 2017): a
 * generator G(x_i, z) that makes another image of the class of x_i, whatever that class, and a critic of pairs: real
 * (x_j, x_i) of one class, generated (G(x_i, z), x_i). The critic sees x_i, so a copy of it is no way out: a copy is
 * never the other image of a real pair. On request the critic is told the class too (after Liu et al., "Few-shot
 * unsupervised image-to-image translation", 2019, whose critic knows the classes that are trained on): a pair alone says
 * little of a class whose images have little in common. A guide beside it asks for the class more firmly still. The
 * generator is never told, and so works for other classes.
 */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import type { InputSpec } from '../../train/task.js';
import { buildCritic, type Critic, criticParts } from '../adversarial/critic.js';
import { buildGuide, type Guide, guidanceSchema, guideParts } from '../adversarial/guide.js';
import type { Part } from '../part.js';
import { buildImageGenerator, type ImageGenerator, NETWORKS } from './image-generator.js';

export const daganOptions = z.strictObject({
  /** Numbers in the noise, and in a code; the paper has 100. */
  latent: z.int().min(1).default(100),
  /** Filters of the generator next to the image, a multiple of 4. */
  width: z.int().min(4).multipleOf(4).default(32),
  criticWidth: z.int().min(1).default(32),
  loss: z.enum(['wgan-gp', 'hinge']).default('wgan-gp'),
  /** How the generator is built; see image-generator.ts. */
  network: z.enum(NETWORKS).default('unet'),
  /** How the critic learns the class: 'none', as in the paper, from the pair alone; 'projection': it is told. */
  conditioning: z.enum(['none', 'projection']).default('none'),
  /** λ of a classifier that the generator is to convince (see guide.ts), and of the class that codes are to name. */
  guidance: guidanceSchema,
});
export type DaganConfig = z.output<typeof daganOptions>;

/** Its name and its options, from which its parts are built. */
export interface DaganDescription {
  readonly name: string;
  readonly config: DaganConfig;
}

export function describeDagan(options: z.input<typeof daganOptions> = {}): DaganDescription {
  const config = parseOptions('dagan', daganOptions, options);
  return { name: `dagan-${config.loss}-${config.width}`, config };
}

export interface BuiltDagan {
  readonly model: DaganDescription;
  readonly spec: InputSpec;
  readonly generator: ImageGenerator;
  /** Of pairs, on the channels: [H, W, 2·C]. */
  readonly critic: Critic;
  readonly guide?: Guide;
}

export function buildDagan(model: DaganDescription, spec: InputSpec): BuiltDagan {
  const { latent, width, criticWidth, loss, network, conditioning, guidance } = model.config;
  const [height, across, channels] = spec.input;
  const classes = spec.classes.length;
  const critic = {
    width: criticWidth,
    classes,
    conditioning,
    spectral: loss === 'hinge',
  };
  return {
    model,
    spec,
    generator: buildImageGenerator(spec.input, {
      network,
      width,
      latent,
      ...(guidance !== undefined && { classes }),
    }),
    critic: buildCritic([height, across, 2 * channels], critic),
    guide: buildGuide(spec.input, { width: criticWidth, classes, guidance }),
  };
}

export const daganParts = ({ generator, critic, guide }: BuiltDagan): Part[] => [
  ...generator.parts,
  ...criticParts(critic),
  ...guideParts(guide),
];
