/**
 * Early stopping: the best epoch by a validation metric, and whether to go on. The metric must beat the best
 * one by more than `minDelta`; after `patience` evaluations in a row that did not, training stops. Any number is better
 * than NaN.
 */
import { z } from 'zod';
import { isBetter } from '../../core/better.js';
import { RxaugError } from '../../core/index.js';
import type { Measured, Progress } from '../state/checkpoint.js';

export const earlyStoppingOptions = z.strictObject({
  /** Of the validation set: 'loss' or 'accuracy' for classifiers. */
  metric: z.string().default('loss'),
  /** Evaluations without improvement that end training; `Infinity` only keeps the best. */
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

/** The best epoch after one more: `epoch` is the new best when the returned epoch is its own. */
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
