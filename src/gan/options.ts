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

/** Options that all generative models share. */
export const generativeOptions = z.strictObject({
  ...runningOptions.shape,
  optimizer: optimizerSchema.default(() => adam()),
  /** A number or a schedule, such as cosineDecay(1e-3, { warmup: 0.05 }). */
  learningRate: learningRateSchema.default(1e-3),
  /** Largest norm of all gradients of a part together. */
  clipNorm: z.number().positive().optional(),
  /** Weight λ of decoupled weight decay; kernels only. */
  weightDecay: z.number().min(0).default(0),
  /** Moving average of the weights, used for evaluation and by the trained model. */
  ema: emaOptions.optional(),
  /** Judges generated images at every evaluation: `judge(classifier)`. */
  judge: z
    .custom<Judge>(
      (value) => typeof (value as Judge | undefined)?.extract === 'function',
      'expected a judge such as judge(classifier)',
    )
    .optional(),
  /** Sheets of pictures during training. */
  samples: z
    .strictObject({
      /** Steps between two sheets. */
      every: z.int().min(1),
      /** Pictures of each class, or images of an autoencoder. */
      count: z.int().min(1).default(8),
      see: z.custom<(pictured: Pictured) => void | Promise<void>>(
        (value) => typeof value === 'function',
        'expected a function that receives a sheet of pictures',
      ),
    })
    .optional(),
});
type Generative = z.output<typeof generativeOptions>;

/** Refuses a judge that would see no images: it judges at evaluations. */
export function checkJudge(
  owner: string,
  { judge, validation, trainEvaluation }: Pick<Generative, 'judge' | 'validation' | 'trainEvaluation'>,
): void {
  if (judge === undefined || validation !== undefined || trainEvaluation !== undefined) return;
  throw new UsageError(`${owner}: judge: expected validation images to compare with; give validation too`);
}

/** Refuses `samples` without validation images, for models that make images from images, and such a judge. */
export function checkSamples(
  owner: string,
  given: Pick<Generative, 'samples' | 'judge' | 'validation' | 'trainEvaluation'>,
): void {
  checkJudge(owner, given);
  if (given.samples === undefined || given.validation !== undefined) return;
  throw new UsageError(`${owner}: samples: expected validation images to draw from; give validation too`);
}

/** An option that is off by default: absent or false for off, true for its defaults, or an object of options. */
export const switchable = <S extends z.ZodObject>(options: S) =>
  z
    .union([z.boolean(), options])
    .transform((value): z.output<S> | undefined => {
      if (value === false) return undefined;
      return value === true ? options.parse({}) : (value as z.output<S>);
    })
    .optional();
