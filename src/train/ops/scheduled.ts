import { type Scheduled, valueAt } from '../../core/index.js';
import { fromProgress } from '../../graph/host.js';
import type { tf } from '../../graph/tf.js';

/**
 * A number, or what a schedule gives at a progress of training, changed by `f`. What a schedule gives is a scalar: an input
 * of a traced step, which needs no second trace when the value changes.
 */
export function scheduledNumber(
  value: Scheduled,
  progress: number,
  f: (value: number) => number = (same) => same,
): number | tf.Scalar {
  return typeof value === 'number' ? f(value) : fromProgress(progress, (now) => f(valueAt(value, now)));
}
