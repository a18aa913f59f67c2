/** Schemas and masks of the dropout family. */

import { z } from 'zod';
import { type Scheduled, scheduled, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Scope } from './layer.js';

/** Probability of dropping, in 0..0.999: a number or a schedule. */
export const rateSchema = scheduled(0, 0.999);

/** The same where inference needs the rate too, so it cannot follow a schedule. */
export const fixedRate = z.number().min(0).lt(1);

/**
 * Where the expectation is kept. 'inverted': training divides by 1 − rate, and inference does nothing. 'traditional':
 * training does nothing, and inference multiplies by 1 − rate.
 */
export const formSchema = z.enum(['inverted', 'traditional']);

const kept = (rate: number) => 1 - rate;

/** Ones with probability 1 − rate, else zeros. */
export function keepMask(scope: Scope, shape: readonly number[], rate: Scheduled, nth = 0): tf.Tensor {
  return tf.less(scope.uniform(shape, nth), scope.scheduled(rate, kept)).toFloat();
}

/** The same divided by 1 − rate: its expectation is 1. */
export function invertedMask(scope: Scope, shape: readonly number[], rate: Scheduled, nth = 0): tf.Tensor {
  return tf.div(keepMask(scope, shape, rate, nth), scope.scheduled(rate, kept));
}

/** At inference the traditional form multiplies by 1 − rate, so there must be one rate. */
export function refuseScheduledTradition(
  owner: string,
  { form, rate }: { form: string; rate: unknown },
): void {
  if (form !== 'traditional' || typeof rate === 'number') return;
  throw new UsageError(
    `${owner}: rate: a schedule has no one rate for inference to multiply by; use form 'inverted'`,
  );
}
