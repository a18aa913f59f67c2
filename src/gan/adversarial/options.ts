/** Options shared by all adversarial training. */
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
  /** ADA: adjusts the probability of the operations to how much the critic overfits; true, or options. */
  adaptive: switchable(adaOptions),
});

export const adversarialOptions = z.strictObject({
  ...generativeOptions.shape,
  optimizer: optimizerSchema.default(() => adam({ beta1: 0, beta2: 0.9 })),
  /** Of the generator: a number or a schedule, default 2e-4. */
  learningRate: learningRateSchema.default(2e-4),
  /** The critic's learning rate divided by the generator's: default 2 with the hinge loss, else 1. */
  criticRate: z.number().positive().optional(),
  /** Critic steps for each generator step: default 1 with the hinge loss, else 5. The batch size must be a multiple. */
  criticSteps: z.int().min(1).optional(),
  /** Weight λ of the gradient penalty: default 10 with 'wgan-gp', else 0. */
  gradientPenalty: z.number().min(0).optional(),
  /** Differentiable augmentation: true, or options. Companions are not augmented. */
  augment: switchable(augmentOptions),
  /** Moving average of the generator's weights. */
  ema: emaOptions.default({ decay: 0.999, warmup: 1 }),
});

/** Refuses ADA with the 'wgan-gp' loss, whose critic has no zero point. */
export function checkAda(
  owner: string,
  loss: AdversarialLoss,
  augment?: { readonly adaptive?: object },
): void {
  if (!augment?.adaptive || loss !== 'wgan-gp') return;
  throw new UsageError(
    `${owner}: augment.adaptive: expected the hinge loss but received 'wgan-gp', whose scores have no zero point; use loss: 'hinge', or augment: true`,
  );
}

interface Steps {
  readonly criticRate?: number;
  readonly criticSteps?: number;
  readonly gradientPenalty?: number;
}

/** The usual settings of a loss, for those that are not given. */
export function adversarialDefaults(loss: AdversarialLoss, given: Steps): Required<Steps> {
  const wasserstein = loss === 'wgan-gp';
  return {
    criticRate: given.criticRate ?? (wasserstein ? 1 : 2),
    criticSteps: given.criticSteps ?? (wasserstein ? 5 : 1),
    gradientPenalty: given.gradientPenalty ?? (wasserstein ? 10 : 0),
  };
}
