/** Images as points: the features that the head of a trained classifier reads. */
import { expected, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Trained } from '../../train/classification/classifier.js';
import { forward } from '../../train/models/model.js';

/** Points in rows: [count, width]. */
export interface Features {
  readonly data: Float32Array;
  readonly count: number;
  readonly width: number;
  /** The class of each real image, or the requested class of each generated one. */
  readonly labels: Int32Array;
}

export interface Extracted {
  /** [B, F] */
  readonly features: Float32Array;
  /** [B]: the predicted class. */
  readonly predicted: Int32Array;
}

/** Features and predictions for images [B, H, W, C], which must be preprocessed as in the training of the classifier. */
export async function extract({ network, weights }: Trained, images: tf.Tensor4D): Promise<Extracted> {
  const [features, predicted] = tf.tidy(() => {
    const last = network.layers.at(-2);
    let seen: tf.Tensor | undefined;
    const { logits } = forward(network, weights, images, {
      visit(path, y) {
        if (path === last) seen = y;
        return y;
      },
    });
    if (seen?.rank !== 2) {
      throw new RxaugError(
        expected(
          'judge',
          'a classifier with features [B, F] before its head',
          seen?.shape,
          'use cnn() or resnet()',
        ),
      );
    }
    return [seen.clone(), tf.argMax(logits, 1)];
  });
  try {
    const found = {
      features: (await features.data()) as Float32Array,
      predicted: (await predicted.data()) as Int32Array,
    };
    if (found.features.every(Number.isFinite)) return found;
    throw new RxaugError(
      'judge: expected finite features but some are NaN or infinite; the generator has diverged: lower learningRate, or set clipNorm',
    );
  } finally {
    tf.dispose([features, predicted]);
  }
}

/** Collects features batch by batch. */
export class FeatureCollector {
  private readonly parts: Float32Array[] = [];
  private readonly labels: number[] = [];

  add(features: Float32Array, labels: ArrayLike<number>): void {
    this.parts.push(Float32Array.from(features));
    this.labels.push(...Array.from(labels));
  }

  get count(): number {
    return this.labels.length;
  }

  all(): Features {
    const size = this.parts.reduce((sum, { length }) => sum + length, 0);
    const data = new Float32Array(size);
    let at = 0;
    for (const part of this.parts) {
      data.set(part, at);
      at += part.length;
    }
    return {
      data,
      count: this.count,
      width: this.count === 0 ? 0 : size / this.count,
      labels: Int32Array.from(this.labels),
    };
  }
}

/** The squared distance between row i of `a` and row j of `b`. */
export function squaredDistance(a: Features, i: number, b: Features, j: number): number {
  const { width } = a;
  const [from, to] = [i * width, j * width];
  let sum = 0;
  for (let k = 0; k < width; k++) {
    const difference = a.data[from + k] - b.data[to + k];
    sum += difference * difference;
  }
  return sum;
}
