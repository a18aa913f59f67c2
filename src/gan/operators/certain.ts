/** A filter for `ganMix`: images of which a trained classifier believes that they are of their class. */
import * as tf from '@tensorflow/tfjs-core';
import { expected, UsageError } from '../../core/index.js';
import type { Trained } from '../../train/trained.js';
import type { MadeFilter } from './gan-mix.js';

/** `least`: the probability of its class that an image needs. The classifier takes images in [−1, 1] too. */
export function certain(classifier: Pick<Trained, 'logits'>, least = 0.5): MadeFilter {
  if (!(least >= 0 && least < 1)) throw new UsageError(expected('certain: least', '0 ≤ least < 1', least));
  return async ({ images, shape, classes }) => {
    const probabilities = tf.tidy(() =>
      tf.softmax(classifier.logits(tf.tensor4d(images, shape as [number, number, number, number]))),
    );
    try {
      const values = await probabilities.data();
      const count = probabilities.shape[1] as number;
      return classes.map((label, i) => values[i * count + label] >= least);
    } finally {
      probabilities.dispose();
    }
  };
}
