import { z } from 'zod';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';

export const adaOptions = z.strictObject({
  target: z.number().min(-1).max(1).default(0.6),
  /** Number of images in which p goes from 0 to 1. */
  speed: z.number().positive().default(500_000),
});

const BATCHES = 4;
const PROBABILITY = '#ada/probability';
const SIGNS = '#ada/signs';
const COUNT = '#ada/count';

export function startAda(): Tensors {
  return { [PROBABILITY]: tf.scalar(0), [SIGNS]: tf.scalar(0), [COUNT]: tf.scalar(0) };
}

export const probabilityOf = (slots: Tensors) => slots[PROBABILITY] as tf.Scalar;

/**
 * Adaptive augmentation (ADA; Karras et al., "Training GANs with limited data", 2020). Returns the slots after the critic
 * scored one more batch of real images, `real` [B]. The probability p of augmentation follows how much the critic
 * overfits, measured by r = E sign D(real):
 *   every 4 batches of B images   p ← p + sign(r − target)·4B/speed,  kept in [0, 1]
 * r is the mean over those batches; `speed` is the number of images in which p goes from 0 to 1. The operations are those
 * of diff-augment.ts, not the eighteen of the paper.
 */
export function moveAda(
  slots: Tensors,
  real: tf.Tensor1D,
  { target, speed }: z.output<typeof adaOptions>,
): Tensors {
  const signs = tf.add(slots[SIGNS], tf.mean(tf.sign(real)));
  const count = tf.add(slots[COUNT], 1);
  const due = tf.greaterEqual(count, BATCHES).toFloat();
  const step = tf.mul(tf.sign(tf.sub(tf.div(signs, BATCHES), target)), (BATCHES * real.shape[0]) / speed);
  const moved = tf.clipByValue(tf.add(slots[PROBABILITY], tf.mul(step, due)), 0, 1);
  const kept = tf.sub(1, due);
  return { [PROBABILITY]: moved, [SIGNS]: tf.mul(signs, kept), [COUNT]: tf.mul(count, kept) };
}
