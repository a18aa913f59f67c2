/** Options of every generator that learns against a critic. */
import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import { adam } from '../../train/optimizers/adam.js';
import { emaOptions } from '../../train/optimizers/ema.js';
import { learningRateSchema } from '../../train/optimizers/learning-rate.js';
import { generativeOptions, optimizerSchema, switchable } from '../options.js';
import { adaOptions } from './ada.js';
import { DIFF_AUGMENTS } from './diff-augment.js';
import type { AdversarialLoss } from './losses.js';

const augmentOptions = z.strictObject({
  ops: z
    .array(z.enum(DIFF_AUGMENTS))
    .min(1)
    .default([...DIFF_AUGMENTS]),
  /** ADA: each operation with a probability that follows how much the critic overfits; true, or its options. */
  adaptive: switchable(adaOptions),
});

export const adversarialOptions = z.strictObject({
  ...generativeOptions.shape,
  optimizer: optimizerSchema.default(() => adam({ beta1: 0, beta2: 0.9 })),
  /** The generator's: a number, or a schedule. Default 2e-4. */
  learningRate: learningRateSchema.default(2e-4),
  /** The critic's learning rate over the generator's: default 2 with the hinge loss, else 1. */
  criticRate: z.number().positive().optional(),
  /** Steps of the critic for one of the generator: default 1 with the hinge loss, else 5. They divide the batch. */
  criticSteps: z.int().min(1).optional(),
  /** λ: default 10 with 'wgan-gp', else 0. */
  gradientPenalty: z.number().min(0).optional(),
  /** DiffAugment: true, or the operations, and whether they come by ADA. Companions are not augmented. */
  augment: switchable(augmentOptions),
  /** Of the generator. */
  ema: emaOptions.default({ decay: 0.999, warmup: 1 }),
});

/** ADA is refused where a critic has no zero. */
export function checkAda(
  owner: string,
  loss: AdversarialLoss,
  augment?: { readonly adaptive?: object },
): void {
  if (!augment?.adaptive || loss !== 'wgan-gp') return;
  throw new UsageError(
    `${owner}: augment.adaptive: expected the hinge loss but received 'wgan-gp', whose critic has no zero to tell sure from unsure; use loss: 'hinge', or augment: true`,
  );
}

interface Steps {
  readonly criticRate?: number;
  readonly criticSteps?: number;
  readonly gradientPenalty?: number;
}

/** What a loss is usually trained with, where nothing else is said. */
export function adversarialDefaults(loss: AdversarialLoss, given: Steps): Required<Steps> {
  const wasserstein = loss === 'wgan-gp';
  return {
    criticRate: given.criticRate ?? (wasserstein ? 1 : 2),
    criticSteps: given.criticSteps ?? (wasserstein ? 5 : 1),
    gradientPenalty: given.gradientPenalty ?? (wasserstein ? 10 : 0),
  };
}
