/** What the dropout family shares: masks of zeros and ones from a layer's own noise. */

import { z } from 'zod';
import { scheduled, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Scope } from './layer.js';

/** Probability of dropping, 0 ≤ rate < 1: a number or a schedule. */
export const rateSchema = scheduled(0, 0.999);

/** The same for what inference must know too, and so cannot change in training. */
export const fixedRate = z.number().min(0).lt(1);

/**
 * How the expectation is kept. 'inverted': divide by the share that is kept, in training, and do nothing at
 * inference. 'traditional': do nothing in training and multiply by that share at inference.
 */
export const formSchema = z.enum(['inverted', 'traditional']);

/** Ones with probability 1 − rate, else zeros. */
export function keepMask(scope: Scope, shape: readonly number[], rate: number, nth = 0): tf.Tensor {
  return tf.less(scope.uniform(shape, nth), 1 - rate).toFloat();
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
