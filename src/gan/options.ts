/** Options that the trainers of generative models share. */
import { z } from 'zod';
import { UsageError } from '../core/index.js';
import { runningOptions } from '../train/loop/options.js';
import { adam } from '../train/optimizers/adam.js';
import { emaOptions } from '../train/optimizers/ema.js';
import { learningRateSchema } from '../train/optimizers/learning-rate.js';
import type { Optimizer } from '../train/optimizers/optimizer.js';
import type { Judge } from './judge/judge.js';
import type { Pictured } from './watch.js';

export const optimizerSchema = z.custom<Optimizer>(
  (value) => typeof (value as Optimizer | undefined)?.update === 'function',
  'expected an optimizer such as adam()',
);

export const generativeOptions = z.strictObject({
  ...runningOptions.shape,
  optimizer: optimizerSchema.default(() => adam()),
  /** A number, or a schedule such as cosineDecay(1e-3, { warmup: 0.05 }). */
  learningRate: learningRateSchema.default(1e-3),
  /** Largest norm of all gradients of a part together. */
  clipNorm: z.number().positive().optional(),
  /** λ of decoupled weight decay; kernels only. */
  weightDecay: z.number().min(0).default(0),
  /** A moving average of the weights, with which the model is measured and used. */
  ema: emaOptions.optional(),
  /** Judges at every evaluation what the model makes: `judge(classifier)`. */
  judge: z
    .custom<Judge>(
      (value) => typeof (value as Judge | undefined)?.extract === 'function',
      'expected a judge such as judge(classifier)',
    )
    .optional(),
  /** Pictures now and then. */
  samples: z
    .strictObject({
      /** Steps from one to the next. */
      every: z.int().min(1),
      /** Pictures of each class (or, of an autoencoder, images). */
      count: z.int().min(1).default(8),
      see: z.custom<(pictured: Pictured) => void | Promise<void>>(
        (value) => typeof value === 'function',
        'expected a function that is given pictures',
      ),
    })
    .optional(),
});

/** Of models that make images from images. */
export function checkSamples(
  owner: string,
  { samples, validation }: { readonly samples?: unknown; readonly validation?: unknown },
): void {
  if (samples === undefined || validation !== undefined) return;
  throw new UsageError(`${owner}: samples: expected validation images to begin with; give validation too`);
}

/** What is off unless it is asked for: absent or false, true for its defaults, or its options. */
export const switchable = <S extends z.ZodObject>(options: S) =>
  z
    .union([z.boolean(), options])
    .transform((value): z.output<S> | undefined => {
      if (value === false) return undefined;
      return value === true ? options.parse({}) : (value as z.output<S>);
    })
    .optional();
