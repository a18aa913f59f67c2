/** Options of the trainer's regularizers: those in the loss, and those in the step. */
import { z } from 'zod';
import { scheduled } from '../../core/index.js';
import { labelSmoothingSchema } from '../losses/label-smoothing.js';
import { adaptiveClipOptions } from '../optimizers/adaptive-clip.js';
import { depthDecaySchema } from '../optimizers/depth-decay.js';
import { emaOptions } from '../optimizers/ema.js';
import { frozenSchema } from '../optimizers/frozen.js';
import { gradientNoiseOptions } from '../optimizers/gradient-noise.js';
import type { Penalty } from '../penalties/index.js';
import type { Trained } from './classifier.js';
import { manifoldMixupOptions } from './manifold-mixup.js';

const beta = scheduled(0);

export const objectiveOptions = z.strictObject({
  /** ε, or { epsilon, form: 'uniform' | 'off-class' }. */
  labelSmoothing: labelSmoothingSchema.default(0),
  /** β of loss − β·entropy: keeps predictions from certainty. */
  confidencePenalty: beta.default(0),
  /** β of loss + β·entropy: drives predictions to certainty. */
  entropyMinimization: beta.default(0),
  /** α of R-Drop: two passes a step, and α·½(KL + KL) between them. */
  rDrop: z.number().min(0).default(0),
  /** A mixup of activations at a random layer. */
  manifoldMixup: manifoldMixupOptions.optional(),
  /** Knowledge distillation: (1 − weight)·cross-entropy + weight·T²·KL(teacher ‖ student). */
  distill: z
    .strictObject({
      /** A trained model, or the path of a checkpoint. */
      teacher: z.union([
        z.string().min(1),
        z.custom<Trained>(
          (value) => typeof (value as Trained | undefined)?.predict === 'function',
          'expected a trained model or the path of a checkpoint',
        ),
      ]),
      temperature: z.number().positive().default(4),
      weight: z.number().min(0).max(1).default(0.5),
    })
    .optional(),
});

export const stepOptions = z.strictObject({
  /** λ of decoupled weight decay: w ← (1 − lr·λ)·w − step. Kernels only. */
  weightDecay: z.number().min(0).default(0),
  /** λ of an L2 penalty λ/2·‖w‖², which PyTorch's SGD calls weight_decay. Kernels only. */
  l2: z.number().min(0).default(0),
  /** l1(…), elasticNet(…), orthogonal(…), maxNorm(…), …, each on all kernels or on those of a pattern. */
  penalties: z
    .array(
      z.custom<Penalty>(
        (value) => typeof (value as Penalty | undefined)?.config?.penalty === 'string',
        'expected a penalty such as l1(1e-4)',
      ),
    )
    .default([]),
  /** Largest norm of all gradients together. */
  clipNorm: z.number().positive().optional(),
  /** Largest size of any one number in a gradient. */
  clipValue: z.number().positive().optional(),
  /** Gradients clipped unit by unit, in proportion to the weights. */
  adaptiveClip: adaptiveClipOptions.optional(),
  /** N(0, η/(1 + t)^γ) on every gradient. */
  gradientNoise: gradientNoiseOptions.optional(),
  /** ρ of sharpness-aware minimization; 0.05 is the paper's. Two gradients a step. */
  sam: z.number().min(0).default(0),
  /**
   * Patterns of parameters or of layers around them, such as ['stem', 'stage1'], that no step, decay, penalty or average
   * moves. Frozen normalization uses its running statistics, which stay as they are. Noise stays on.
   */
  frozen: frozenSchema.optional(),
  /** Factor in (0, 1] of the learning rate from one block to that before it; the head has the full rate. 1: none. */
  depthDecay: depthDecaySchema.optional(),
  /** A moving average of the weights, with which the model is measured, saved and used. */
  ema: emaOptions.optional(),
});
