/**
 * Monte-Carlo dropout (Gal and Ghahramani, 2016): `samples` forward passes at inference with every layer that
 * injects noise still doing so, and normalization as at inference. The mean of the probabilities is the
 * prediction; their variance, and what the passes disagree about, say how sure the model is of it.
 */

import { z } from 'zod';
import { fold, keyOf, parseOptions, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { forward, type Network } from '../models/model.js';
import type { State } from '../state/tensors.js';

export const monteCarloOptions = z.strictObject({
  /** Forward passes. */
  samples: z.int().min(2).default(20),
  seed: z.int().min(0).default(0),
});
/** Options of `predictMonteCarlo`: `samples`, the passes, default 20; `seed`, default 0. */
export type MonteCarloOptions = z.input<typeof monteCarloOptions>;

/** A prediction of Monte-Carlo dropout, for one image. */
export interface MonteCarloPrediction {
  /** Index of the class of the largest mean. */
  readonly label: number;
  readonly className: string;
  /** [K]: mean over the passes, sums to 1. */
  readonly probabilities: Float32Array;
  /** [K]: variance of each probability over the passes (unbiased). */
  readonly variance: Float32Array;
  /** Entropy of the mean, in nats: all that is uncertain. */
  readonly entropy: number;
  /** Entropy of the mean less the mean entropy, in nats (BALD): what the model is uncertain of, not the data. */
  readonly mutualInformation: number;
}

export async function monteCarlo(
  network: Network,
  state: Pick<State, 'params' | 'stats'>,
  images: tf.Tensor4D,
  options: MonteCarloOptions = {},
): Promise<MonteCarloPrediction[]> {
  const { samples, seed } = parseOptions('predictMonteCarlo', monteCarloOptions, options);
  const root = fold(keyOf(seed), tag('monte-carlo'));
  const zeros = () => tf.zeros([images.shape[0], network.classes.length]);
  // Welford's running mean and sum of squares: one pass at a time is in memory.
  let mean: tf.Tensor = zeros();
  let squares: tf.Tensor = zeros();
  let entropies: tf.Tensor = tf.zeros([images.shape[0]]);
  for (let i = 0; i < samples; i++) {
    const [nextMean, nextSquares, nextEntropies] = tf.tidy(() => {
      const mode = { monteCarlo: true, key: fold(root, i), progress: 1 };
      const { logits } = forward(network, state, images, mode);
      const p = tf.softmax(logits);
      const off = tf.sub(p, mean);
      const towards = tf.add(mean, tf.div(off, i + 1));
      const entropy = tf.neg(tf.sum(tf.mul(p, tf.logSoftmax(logits)), -1));
      return [
        towards,
        tf.add(squares, tf.mul(off, tf.sub(p, towards))),
        tf.add(entropies, tf.div(entropy, samples)),
      ];
    });
    tf.dispose([mean, squares, entropies]);
    [mean, squares, entropies] = [nextMean, nextSquares, nextEntropies];
  }
  try {
    const [means, sums, each] = await Promise.all([mean.data(), squares.data(), entropies.data()]);
    const classes = network.classes.length;
    return Array.from({ length: images.shape[0] }, (_, i) => {
      const probabilities = (means as Float32Array).slice(i * classes, (i + 1) * classes);
      const variance = (sums as Float32Array)
        .slice(i * classes, (i + 1) * classes)
        .map((sum) => sum / (samples - 1));
      const label = likeliest('predictMonteCarlo', probabilities, i);
      const entropy = -probabilities.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
      const mutualInformation = Math.max(0, entropy - each[i]);
      return {
        label,
        className: network.classes[label],
        probabilities,
        variance,
        entropy,
        mutualInformation,
      };
    });
  } finally {
    tf.dispose([mean, squares, entropies]);
  }
}

/** The class of the largest probability; refuses an image of which the network computes no numbers. */
export function likeliest(owner: string, probabilities: Float32Array, image: number): number {
  const label = probabilities.indexOf(Math.max(...probabilities));
  if (label >= 0) return label;
  throw new RxaugError(
    `${owner}: expected probabilities of image ${image} but received NaN; check its pixels and the range they are in`,
  );
}
