/**
 * Losses that separate the codes of classes (Cheung and Yeung, "MODALS", 2021), added to the reconstruction:
 *   classification   cross-entropy of a linear head on the codes
 *   triplet          mean over anchors a of max(0, d(a, p) − d(a, n) + margin), p another code of the class of a and n
 *                    one of another class; d(x, y) = ‖x − y + 1e-6‖₂, as in PyTorch
 * Each anchor has one p and one n of its batch, drawn by the key of the step; anchors that lack either are ignored.
 * The paper's third term, an adversary that makes codes normal, is replaced by `variational` here.
 */

import { z } from 'zod';
import { fold, type Key, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { choose, sameClass } from '../pairs.js';

export const guideOptions = z.strictObject({
  /** Weight of the cross-entropy. The reconstruction loss is a few hundredths: with 0.1 images are hardly restored. */
  classification: z.number().min(0).default(0.01),
  /** Weight of the triplet loss. */
  triplet: z.number().min(0).default(0.01),
  margin: z.number().positive().default(1),
});

export interface Triplets {
  /** [B] int32: rows of the batch. */
  readonly positive: tf.Tensor1D;
  readonly negative: tf.Tensor1D;
  /** [B]: 1 where both exist. */
  readonly valid: tf.Tensor1D;
}

/** One triplet for each row of targets [B, K]; the class of a soft target is its largest entry. */
export function chooseTriplets(targets: tf.Tensor2D, key: Key): Triplets {
  const same = sameClass(targets);
  const positive = choose(tf.mul(same, tf.sub(1, tf.eye(targets.shape[0]))), fold(key, tag('positive')));
  const negative = choose(tf.sub(1, same), fold(key, tag('negative')));
  return {
    positive: positive.rows,
    negative: negative.rows,
    valid: tf.mul(positive.exists, negative.exists) as tf.Tensor1D,
  };
}

/** codes [B, L] → scalar. */
export function tripletLoss(
  codes: tf.Tensor2D,
  { positive, negative, valid }: Triplets,
  margin: number,
): tf.Scalar {
  const distance = (rows: tf.Tensor1D) => {
    const other = tf.gather(codes, rows);
    return tf.sqrt(tf.sum(tf.square(tf.add(tf.sub(codes, other), 1e-6)), 1));
  };
  const hinge = tf.relu(tf.add(tf.sub(distance(positive), distance(negative)), margin));
  return tf.div(tf.sum(tf.mul(hinge, valid)), tf.maximum(tf.sum(valid), 1)) as tf.Scalar;
}
