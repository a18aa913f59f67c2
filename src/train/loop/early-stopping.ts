/**
 * Early stopping by a validation metric. An epoch is the best if its metric improves the best one by more than
 * `minDelta`. Training stops after `patience` evaluations in a row without improvement. Any number is better than NaN.
 */
import { z } from 'zod';
import { isBetter } from '../../core/better.js';
import { RxaugError } from '../../core/index.js';
import type { Measured, Progress } from '../state/checkpoint.js';

export const earlyStoppingOptions = z.strictObject({
  /** A metric of the validation set: 'loss' or 'accuracy' for classifiers. */
  metric: z.string().default('loss'),
  /** Evaluations without improvement after which training stops; `Infinity`: never, only the best is kept. */
  patience: z
    .custom<number>(
      (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 1),
      'expected a whole number ≥ 1 or Infinity',
    )
    .default(5),
  minDelta: z.number().min(0).default(0),
  /** End with the parameters and running statistics of the best epoch, not of the last. */
  restore: z.boolean().default(true),
});
/** Options of early stopping, with their defaults. */
export type EarlyStoppingOptions = z.output<typeof earlyStoppingOptions>;

export type Best = NonNullable<Progress['best']>;

/** Updates the best epoch after one more evaluation; `epoch` is the new best if it is the returned epoch. */
export function updateBest(
  best: Best | undefined,
  { epoch, metrics }: { readonly epoch: number; readonly metrics: Measured },
  { metric, minDelta }: EarlyStoppingOptions,
  direction: 'min' | 'max',
): Best {
  const value = metrics.validation?.[metric];
  if (value === undefined) {
    const known = Object.keys(metrics.validation ?? {}).join(', ');
    throw new RxaugError(
      `earlyStopping: expected a validation metric but received '${metric}'; use one of ${known || 'none: give validation'}`,
    );
  }
  if (best && !isBetter(value, best.value, direction, minDelta)) return { ...best, since: best.since + 1 };
  return { epoch, metric, value, since: 0, metrics };
}

export function isExhausted(best: Best | undefined, { patience }: EarlyStoppingOptions): boolean {
  return best !== undefined && best.since >= patience;
}
