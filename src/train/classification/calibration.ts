/**
 * Expected calibration error (Guo et al., "On calibration of modern neural networks", 2017): predictions fall into
 * 15 bins ((b−1)/15, b/15] by their confidence, the largest probability, and ECE = Σ_b n_b/n · |acc(b) − conf(b)|.
 * 0: of predictions made with 80 % confidence 80 % are right.
 */
import { tf } from '../../graph/tf.js';

export class Calibration {
  private readonly count: Float64Array;
  private readonly right: Float64Array;
  private readonly confidence: Float64Array;

  constructor(private readonly bins = 15) {
    this.count = new Float64Array(bins);
    this.right = new Float64Array(bins);
    this.confidence = new Float64Array(bins);
  }

  /** [2, B]: confidences, then ones where the prediction was right. */
  add(judged: ArrayLike<number>): void {
    const size = judged.length / 2;
    for (let i = 0; i < size; i++) {
      const confidence = judged[i];
      const bin = Math.min(this.bins - 1, Math.max(0, Math.ceil(confidence * this.bins) - 1));
      this.count[bin]++;
      this.confidence[bin] += confidence;
      this.right[bin] += judged[size + i];
    }
  }

  get error(): number {
    const total = this.count.reduce((sum, count) => sum + count, 0);
    const apart = this.right.reduce((sum, right, b) => sum + Math.abs(right - this.confidence[b]), 0);
    return apart / Math.max(1, total);
  }
}

/** logits [B, K], targets [B, K] → [2, B], what `Calibration.add` takes. */
export function judged(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  const right = tf.equal(tf.argMax(logits, -1), tf.argMax(targets, -1)).toFloat();
  return tf.stack([tf.max(tf.softmax(logits), -1), right]) as tf.Tensor2D;
}
