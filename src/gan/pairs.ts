import { fold, type Key, tag } from '../core/index.js';
import { tf } from '../graph/tf.js';
import { uniform } from '../train/ops/noise.js';

/** From targets [B, K]: [B, B], 1 where two rows have the same class. The class of a soft target is its largest entry. */
export function sameClass(targets: tf.Tensor2D): tf.Tensor2D {
  const hard = tf.oneHot(tf.argMax(targets, 1), targets.shape[1]).toFloat();
  return tf.matMul(hard, hard, false, true);
}

export interface Chosen {
  /** [B] int32: rows of the batch. */
  readonly rows: tf.Tensor1D;
  /** [B]: 1 if a row was allowed, else 0, and `rows` has no meaning there. */
  readonly exists: tf.Tensor1D;
}

/** Draws one of the allowed columns for each row of [B, B]. */
export function choose(allowed: tf.Tensor, key: Key): Chosen {
  const lots = tf.add(uniform(key, allowed.shape), 1); // ≥ 1: columns that are not allowed never win
  return {
    rows: tf.argMax(tf.mul(lots, allowed), 1) as tf.Tensor1D,
    exists: tf.max(allowed, 1) as tf.Tensor1D,
  };
}

export interface Partners {
  /** `count` tensors [B] int32. */
  readonly rows: readonly tf.Tensor1D[];
  /** [B]: 1 if the class has that many other rows in the batch. */
  readonly valid: tf.Tensor1D;
}

/** Draws `count` different other rows of its class for each row. */
export function partners(targets: tf.Tensor2D, count: number, key: Key): Partners {
  const size = targets.shape[0];
  let allowed: tf.Tensor = tf.mul(sameClass(targets), tf.sub(1, tf.eye(size)));
  const rows: tf.Tensor1D[] = [];
  let valid: tf.Tensor = tf.ones([size]);
  for (let i = 0; i < count; i++) {
    const chosen = choose(allowed, fold(key, tag('partner'), i));
    rows.push(chosen.rows);
    valid = tf.mul(valid, chosen.exists);
    allowed = tf.mul(allowed, tf.sub(1, tf.oneHot(chosen.rows, size).toFloat()));
  }
  return { rows, valid: valid as tf.Tensor1D };
}
