/** The configuration of a DAGAN, and the networks built from it. */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import type { InputSpec } from '../../train/task.js';
import { buildCritic, type Critic, criticParts } from '../adversarial/critic.js';
import { buildGuide, type Guide, guidanceSchema, guideParts } from '../adversarial/guide.js';
import type { Part } from '../part.js';
import { buildImageGenerator, type ImageGenerator, NETWORKS } from './image-generator.js';

export const daganOptions = z.strictObject({
  /** Length of the noise vector and of a code; 100 as in the paper. */
  latent: z.int().min(1).default(100),
  /** Filters of the generator next to the image, a multiple of 4. */
  width: z.int().min(4).multipleOf(4).default(32),
  criticWidth: z.int().min(1).default(32),
  loss: z.enum(['wgan-gp', 'hinge']).default('wgan-gp'),
  /** How the generator is built; see image-generator.ts. */
  network: z.enum(NETWORKS).default('unet'),
  /** 'none' (as in the paper): the critic sees the pair only; 'projection': it receives the class too. */
  conditioning: z.enum(['none', 'projection']).default('none'),
  /** Weight λ of a guide (see guide.ts), and of the loss of the class predicted from codes. */
  guidance: guidanceSchema,
});
export type DaganConfig = z.output<typeof daganOptions>;

/**
 * The name and options of a DAGAN (Antoniou, Storkey and Edwards, "Data augmentation generative adversarial networks",
 * 2017): a generator G(x_i, z) makes another image of the class of x_i. The critic sees pairs: real (x_j, x_i) of one
 * class, generated (G(x_i, z), x_i). Because it sees x_i, the generator gains nothing by copying: a copy is never the
 * other image of a real pair. The critic may also receive the class (after Liu et al., "Few-shot unsupervised
 * image-to-image translation", 2019), because a pair says little about a class whose images have little in common; a guide
 * enforces the class more strongly. The generator never receives the class, so it works for other classes too.
 */
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
  /** Its input is a pair of images on the channels: [H, W, 2·C]. */
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
