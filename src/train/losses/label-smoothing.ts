import { z } from 'zod';
import { scheduled } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { scheduledNumber } from '../ops/scheduled.js';

const epsilon = scheduled(0, 0.999);

export const labelSmoothingSchema = z.union([
  epsilon,
  z.strictObject({
    /** ε in 0..0.999: a number or a schedule. */
    epsilon,
    /** Default 'uniform'. */
    form: z.enum(['uniform', 'off-class']).default('uniform'),
  }),
]);
/** Label smoothing as an option: ε in 0..0.999 (a number or a schedule), or { epsilon, form }. See `smoothLabels`. */
export type LabelSmoothing = z.input<typeof labelSmoothingSchema>;

/**
 * Label smoothing (Szegedy et al., "Rethinking the Inception architecture", 2016) of hard and soft targets, in two forms:
 *   'uniform'   y·(1 − ε) + ε/K: mixed with the uniform distribution over all K classes; the default, as in Keras,
 *               PyTorch and timm.
 *   'off-class' y·(1 − ε) + (1 − y)·ε/(K − 1): the true class gets 1 − ε, each other one ε/(K − 1).
 * They coincide when ε of the second is ε(K − 1)/K of the first. targets [B, K] → [B, K]; rows still sum to 1.
 *
 * @param progress Progress of training in 0..1, for an ε that follows a schedule. Default 0.
 * @example
 * await loadBackend('cpu')
 * const { tensor2d } = await import('@tensorflow/tfjs-core')
 * smoothLabels(tensor2d([[1, 0]]), 0.5).arraySync() // → [ [ 0.75, 0.25 ] ]
 */
export function smoothLabels(
  targets: tf.Tensor2D,
  smoothing: z.output<typeof labelSmoothingSchema>,
  progress = 0,
): tf.Tensor2D {
  const { epsilon, form } =
    typeof smoothing === 'object' && 'epsilon' in smoothing
      ? smoothing
      : { epsilon: smoothing, form: 'uniform' as const };
  if (epsilon === 0) return targets;
  const classes = targets.shape[1];
  const off = (amount: number) => amount / (form === 'uniform' ? classes : Math.max(1, classes - 1));
  // y(1 − ε) + (1 − y)·off = y(1 − ε − off) + off
  const slope = (amount: number) => (form === 'uniform' ? 1 - amount : 1 - amount - off(amount));
  return tf.add(
    tf.mul(targets, scheduledNumber(epsilon, progress, slope)),
    scheduledNumber(epsilon, progress, off),
  );
}
