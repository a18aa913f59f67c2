/**
 * The constraint that augmented images look real: the gap between the critic's scores of held-out and augmented images is
 * at most `slack`. Its multiplier rises while it is broken and falls while it is kept (dual ascent):
 *   λc ← clip(λc + dual · (gap − slack), 0, critic)
 */
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';
import type { CriticOptions } from './options.js';

/** The gap, smoothed over some ten steps. */
const GAP = 'constraint/gap';
const LAMBDA = 'constraint/lambda';

type Options = Pick<CriticOptions, 'critic' | 'dual' | 'slack'>;

export const startConstraint = ({ critic }: Options): Tensors => ({
  [GAP]: tf.scalar(0),
  [LAMBDA]: tf.scalar(Math.min(1, critic)),
});

export const lambdaOf = (slots: Tensors) => slots[LAMBDA] as tf.Scalar;
export const smoothGapOf = (slots: Tensors) => slots[GAP] as tf.Scalar;

/** The slots after a step with this gap. */
export function moveConstraint(slots: Tensors, gap: tf.Tensor, { critic, dual, slack }: Options): Tensors {
  const smooth = tf.add(tf.mul(smoothGapOf(slots), 0.9), tf.mul(gap, 0.1));
  const moved = tf.add(lambdaOf(slots), tf.mul(tf.sub(smooth, slack), dual));
  return { [GAP]: smooth, [LAMBDA]: tf.clipByValue(moved, 0, critic) };
}
