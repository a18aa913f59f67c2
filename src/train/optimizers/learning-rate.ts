/** Learning rates over the progress of training: a number, a schedule, or either after a warm-up. All are plain JSON. */
import { z } from 'zod';
import { cosine, parseOptions, type Schedule, scheduled, steps, valueAt } from '../../core/index.js';
import { joined } from '../../core/positional.js';

const warmupSchema = z.strictObject({
  schedule: z.literal('warmup'),
  /** The value at progress 0. */
  from: z.number().min(0).default(0),
  /** Progress at which `after` takes over. */
  until: z.number().positive().max(1),
  shape: z.enum(['linear', 'cosine']).default('linear'),
  after: scheduled(0),
});

export const learningRateSchema = z.union([scheduled(0), warmupSchema]);
/** A learning rate: a number ≥ 0, a schedule, or what `cosineDecay`, `stepDecay` and `oneCycle` return. */
export type LearningRate = z.input<typeof learningRateSchema>;

const peak = z.number().min(0);
/** Share of training in which the rate rises from 0; 0 means no warm-up. */
const warmup = z.number().min(0).lt(1);

const cosineDecayOptions = z.strictObject({
  peak,
  /** Share of training in which the rate rises from 0 to `peak`, in [0, 1). Default 0. */
  warmup: warmup.default(0),
  /** The rate at the end. Default 0. */
  final: z.number().min(0).default(0),
});

const stepDecayOptions = z.strictObject({
  base: peak,
  /** Share of training in which the rate rises from 0 to `base`, in [0, 1). Default 0. */
  warmup: warmup.default(0),
  /** Progress in 0..1 at which the rate is multiplied by `factor`, rising. Default [0.5, 0.75]. */
  milestones: z
    .array(z.number().min(0).max(1))
    .refine((all) => all.every((v, i) => i === 0 || v > all[i - 1]), 'expected milestones in rising order')
    .default([0.5, 0.75]),
  /** Default 0.1. */
  factor: z.number().min(0).default(0.1),
});

const oneCycleOptions = z.strictObject({
  peak,
  /** Share of training in which the rate rises to `peak`, in [0, 1). Default 0.3. */
  warmup: warmup.default(0.3),
  /** The rate starts at peak / divide. Default 25. */
  divide: z.number().positive().default(25),
  /** The rate ends at peak / divide / finalDivide. Default 10,000. */
  finalDivide: z.number().positive().default(1e4),
});

function warmed(after: number | Schedule, warmup: number): LearningRate {
  return warmup === 0 ? after : { schedule: 'warmup', from: 0, until: warmup, shape: 'linear', after };
}

/**
 * A learning rate that falls from `peak` along half a cosine (Loshchilov and Hutter, 2017), after a linear warm-up from 0
 * if there is one.
 *
 * @param peak The largest rate, ≥ 0.
 * @throws UsageError if an option is out of range.
 * @example
 * cosineDecay(0.1) // → { schedule: 'cosine', from: 0.1, to: 0, start: 0, end: 1 }
 */
export function cosineDecay(
  peak: number,
  options: Omit<z.input<typeof cosineDecayOptions>, 'peak'> = {},
): LearningRate {
  const given = joined('cosineDecay', { peak }, options);
  const { warmup, final } = parseOptions('cosineDecay', cosineDecayOptions, given);
  return warmed(cosine(peak, final, { start: warmup }), warmup);
}

/**
 * A learning rate that is multiplied by `factor` at each milestone, after a linear warm-up from 0 if there is one. The
 * classic is a tenth at 1/2 and 3/4 of training (He et al., 2016), which are the defaults.
 *
 * @param base The first rate, ≥ 0.
 * @throws UsageError if an option is out of range, or the milestones do not rise.
 * @example
 * stepDecay(1, { milestones: [0.5], factor: 0.2 }) // → { schedule: 'steps', values: [ 1, 0.2 ], at: [ 0.5 ] }
 */
export function stepDecay(
  base: number,
  options: Omit<z.input<typeof stepDecayOptions>, 'base'> = {},
): LearningRate {
  const given = joined('stepDecay', { base }, options);
  const { warmup, milestones, factor } = parseOptions('stepDecay', stepDecayOptions, given);
  return warmed(steps([base, ...milestones.map((_, i) => base * factor ** (i + 1))], milestones), warmup);
}

/**
 * One cycle (Smith, "Super-convergence", 2018), with the numbers of PyTorch's OneCycleLR: up from peak/25 along a cosine in
 * the first 30 % of training, then down along another to peak/250,000.
 *
 * @param peak The largest rate, ≥ 0.
 * @throws UsageError if an option is out of range.
 * @example
 * oneCycle(0.1, { warmup: 0.25 }) // → { schedule: 'warmup', from: 0.004, until: 0.25, … }
 */
export function oneCycle(
  peak: number,
  options: Omit<z.input<typeof oneCycleOptions>, 'peak'> = {},
): LearningRate {
  const given = joined('oneCycle', { peak }, options);
  const { warmup, divide, finalDivide } = parseOptions('oneCycle', oneCycleOptions, given);
  const first = peak / divide;
  const after = cosine(peak, first / finalDivide, { start: warmup });
  return warmup === 0 ? after : { schedule: 'warmup', from: first, until: warmup, shape: 'cosine', after };
}

/**
 * The learning rate at a progress of training in 0..1.
 *
 * @example
 * learningRateAt(linear(0.2, 0), 0.5) // → 0.1
 */
export function learningRateAt(rate: z.output<typeof learningRateSchema>, progress: number): number {
  if (typeof rate === 'number' || rate.schedule !== 'warmup') return valueAt(rate, progress);
  if (progress >= rate.until) return valueAt(rate.after, progress);
  const t = Math.max(0, progress) / rate.until;
  const eased = rate.shape === 'linear' ? t : (1 - Math.cos(Math.PI * t)) / 2;
  return rate.from + (valueAt(rate.after, rate.until) - rate.from) * eased;
}

/** Whether the rate changes; then the stream must report the progress of training. */
export function isScheduled(rate: z.output<typeof learningRateSchema>): boolean {
  return typeof rate !== 'number';
}
