/** Which classes a classifier takes for which, counted over the batches of an evaluation. */

import type { ByClass } from '../../core/events.js';
import { tf } from '../../graph/tf.js';

/** Classes up to which the whole matrix is kept: its events are lines of a log. */
export const MOST_CLASSES = 100;

/** Ranks that count as right for `top5`. */
const TOP = 5;

export class Confusion {
  private readonly samples: Float64Array;
  private readonly right: Float64Array;
  private readonly counts: Float64Array | undefined;
  private inTop = 0;

  constructor(private readonly classes: readonly string[]) {
    const { length } = classes;
    this.samples = new Float64Array(length);
    this.right = new Float64Array(length);
    this.counts = length <= MOST_CLASSES ? new Float64Array(length * length) : undefined;
  }

  /** [3, B]: true classes, predicted ones, and how many logits are above that of the true class. */
  add(ranked: ArrayLike<number>): void {
    const size = ranked.length / 3;
    for (let i = 0; i < size; i++) {
      const truth = ranked[i] as number;
      const taken = ranked[size + i] as number;
      this.samples[truth]++;
      if (truth === taken) this.right[truth]++;
      if ((ranked[2 * size + i] as number) < TOP) this.inTop++;
      if (this.counts) this.counts[truth * this.classes.length + taken]++;
    }
  }

  /** The share of samples whose class is among the five likeliest; undefined for five classes and fewer: always 1. */
  get top5(): number | undefined {
    const total = this.samples.reduce((sum, count) => sum + count, 0);
    return this.classes.length > TOP ? this.inTop / Math.max(1, total) : undefined;
  }

  get byClass(): ByClass {
    const { classes, counts } = this;
    return {
      classes,
      samples: Array.from(this.samples),
      accuracy: Array.from(this.samples, (count, k) =>
        count > 0 ? (this.right[k] as number) / count : null,
      ),
      ...(counts && {
        confusion: classes.map((_, k) =>
          Array.from(counts.subarray(k * classes.length, (k + 1) * classes.length)),
        ),
      }),
    };
  }
}

/** logits [B, K], targets [B, K] → [3, B], what `Confusion.add` takes. Logits that are no numbers are above all. */
export function ranked(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  const truth = tf.argMax(targets, -1);
  const own = tf.sum(tf.mul(logits, tf.oneHot(truth as tf.Tensor1D, logits.shape[1])), -1, true);
  const above = tf.sum(tf.logicalNot(tf.lessEqual(logits, own)).toFloat(), -1);
  return tf.stack([truth.toFloat(), tf.argMax(logits, -1).toFloat(), above]) as tf.Tensor2D;
}
