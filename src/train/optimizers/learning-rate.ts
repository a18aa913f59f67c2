/**
 * Learning rates over training progress: a number, a schedule of core, or one of those after a warm-up.
 * All of them are plain JSON, and `learningRateAt` gives the value.
 */
import { z } from 'zod';
import { cosine, type Schedule, scheduled, steps, valueAt } from '../../core/index.js';

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
export type LearningRate = z.input<typeof learningRateSchema>;

interface Warmup {
  /** Share of training in which the rate climbs from 0, default 0: none. */
  readonly warmup?: number;
}

function warmed(after: number | Schedule, warmup: number): LearningRate {
  return warmup === 0 ? after : { schedule: 'warmup', from: 0, until: warmup, shape: 'linear', after };
}

/** From `peak` along half a cosine to `final` (Loshchilov and Hutter, 2017). */
export function cosineDecay(
  peak: number,
  { warmup = 0, final = 0 }: Warmup & { readonly final?: number } = {},
): LearningRate {
  return warmed(cosine(peak, final, { start: warmup }), warmup);
}

/** `base`, multiplied by `factor` at each progress in `at`: the classic is a tenth at 1/2 and 3/4. */
export function stepDecay(
  base: number,
  {
    warmup = 0,
    at = [0.5, 0.75],
    factor = 0.1,
  }: Warmup & { readonly at?: number[]; readonly factor?: number } = {},
): LearningRate {
  return warmed(steps([base, ...at.map((_, i) => base * factor ** (i + 1))], at), warmup);
}

/**
 * Up from peak/25 along a cosine in the first `warmup` of training, then down to peak/250,000 (Smith, "Super-
 * convergence", 2018), with the numbers of PyTorch's OneCycleLR.
 */
export function oneCycle(
  peak: number,
  {
    warmup = 0.3,
    divide = 25,
    finalDivide = 1e4,
  }: Warmup & { readonly divide?: number; readonly finalDivide?: number } = {},
): LearningRate {
  const first = peak / divide;
  const after = cosine(peak, first / finalDivide, { start: warmup });
  return warmup === 0 ? after : { schedule: 'warmup', from: first, until: warmup, shape: 'cosine', after };
}

/** The learning rate at a progress in [0, 1]. */
export function learningRateAt(rate: z.output<typeof learningRateSchema>, progress: number): number {
  if (typeof rate === 'number' || rate.schedule !== 'warmup') return valueAt(rate, progress);
  if (progress >= rate.until) return valueAt(rate.after, progress);
  const t = Math.max(0, progress) / rate.until;
  const eased = rate.shape === 'linear' ? t : (1 - Math.cos(Math.PI * t)) / 2;
  return rate.from + (valueAt(rate.after, rate.until) - rate.from) * eased;
}

/** Whether the rate changes at all: then the stream must say how far training has come. */
export function isScheduled(rate: z.output<typeof learningRateSchema>): boolean {
  return typeof rate !== 'number';
}
