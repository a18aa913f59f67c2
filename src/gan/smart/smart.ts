/** The configuration of a Smart Augmentation, and the networks built from it. */
import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { cnn } from '../../train/models/cnn.js';
import type { Model } from '../../train/models/model.js';
import type { InputSpec } from '../../train/task.js';
import { buildCritic, type Critic, criticParts } from '../adversarial/critic.js';
import { type Part, part } from '../part.js';
import { buildUnet, type Unet, unetParts } from '../unet.js';

export const smartOptions = z.strictObject({
  /** k, the images that are merged into one. */
  images: z.int().min(2).max(8).default(2),
  /** Filters of net A next to the image, a multiple of 4. */
  width: z.int().min(4).multipleOf(4).default(16),
  /** Net B, the classifier. */
  classifier: z
    .custom<Model>(
      (value) => typeof (value as Model | undefined)?.layers === 'function',
      'expected a model such as cnn()',
    )
    .default(() => cnn()),
  /** Weights of L_A and L_B; 0.3 and 0.7 as in the paper. */
  alpha: z.number().min(0).default(0.3),
  beta: z.number().min(0).default(0.7),
  /** Weight γ of the critic; 0: no critic. */
  critic: z.number().min(0).default(0),
  criticWidth: z.int().min(1).default(16),
});
export type SmartConfig = z.output<typeof smartOptions>;

/**
 * The name and options of Smart Augmentation (Lemley, Bazrafkan and Corcoran, "Smart augmentation", 2017): net A merges
 * k ≥ 2 images of a class, concatenated on the channels, into one; net B, the target classifier, learns from real and
 * merged images. With x₁ … x_k and x_t of one class,
 *   L_A = MSE(A(x₁ … x_k), x_t),   L_B = cross-entropy of B on real and on merged images,   L = α·L_A + β·L_B
 * L trains both nets, so B's loss tunes A. A critic with a weight γ > 0 scores pairs, real (x_t, x₁) and merged
 * (A(x₁ … x_k), x₁), by the hinge loss; −γ·E D of merged pairs is then a third term.
 */
export interface SmartDescription {
  readonly name: string;
  readonly config: SmartConfig;
}

export function describeSmart(options: z.input<typeof smartOptions> = {}): SmartDescription {
  const config = parseOptions('smartAugmentation', smartOptions, options);
  return { name: `smart-${config.images}-${config.classifier.name}`, config };
}

export interface BuiltSmart {
  readonly model: SmartDescription;
  readonly spec: InputSpec;
  readonly merger: Unet;
  readonly classifier: Part;
  readonly critic?: Critic;
}

export function buildSmart(model: SmartDescription, spec: InputSpec): BuiltSmart {
  const { images, width, classifier, critic, criticWidth } = model.config;
  const [height, across, channels] = spec.input;
  const pairs = [height, across, 2 * channels];
  const options = { width: criticWidth, classes: 0, conditioning: 'none', spectral: true } as const;
  return {
    model,
    spec,
    merger: buildUnet('merger', spec.input, { width, noise: 0, inputs: images }),
    classifier: part('classifier', classifier.layers(spec.classes.length), spec.input),
    ...(critic > 0 && { critic: buildCritic(pairs, options) }),
  };
}

export const smartParts = ({ merger, classifier, critic }: BuiltSmart): Part[] => [
  ...unetParts(merger),
  classifier,
  ...(critic ? criticParts(critic) : []),
];

export function identityOf({ config }: SmartDescription): Record<string, unknown> {
  const { images, width, classifier, critic, criticWidth } = config;
  const model = { images, width, criticWidth: critic > 0 ? criticWidth : 0 };
  return { task: 'smart-augmentation', model, classifier: classifier.config };
}
