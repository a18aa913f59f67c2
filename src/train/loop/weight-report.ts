/**
 * What can be read off the weights: the norm of each kernel and of all, how many numbers are 0 or as good as, and the
 * effective learning rate. A kernel that normalization follows can be rescaled without changing the network; what a
 * step does to its direction goes with η/‖w‖² (van Laarhoven, "L2 regularization versus batch and weight
 * normalization", 2017). That is the figure told here, the mean over kernels of η/‖w‖² with the last step's η; it
 * rises when weight decay keeps norms small. Kernels without normalization behind them, such as the head, are
 * counted too; those that are all 0, as L1 can make them, have no direction and are not.
 */

import type { WeightsReport } from '../../core/events.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';

/** |w| below this is as good as 0. */
const NEAR = 1e-6;

/** `names`: one kernel at least. */
export async function weigh(
  params: Tensors,
  names: readonly string[],
  learningRate: number,
): Promise<WeightsReport> {
  const figures = tf.tidy(() =>
    tf.stack(
      names.flatMap((name) => {
        const w = params[name];
        const count = (which: tf.Tensor) => tf.sum(which.toFloat());
        return [tf.sum(tf.square(w)), count(tf.equal(w, 0)), count(tf.less(tf.abs(w), NEAR))];
      }),
    ),
  );
  const values = await figures.data();
  figures.dispose();
  const sum = (nth: number) => names.reduce((total, _, i) => total + values[3 * i + nth], 0);
  const numbers = names.reduce((total, name) => total + params[name].size, 0);
  const squares = names.map((_, i) => values[3 * i]).filter((square) => square !== 0);
  const effective = squares.reduce((total, square) => total + learningRate / square, 0);
  return {
    norm: Math.sqrt(sum(0)),
    norms: Object.fromEntries(names.map((name, i) => [name, Math.sqrt(values[3 * i])])),
    zeros: sum(1) / numbers,
    nearZeros: sum(2) / numbers,
    effectiveLearningRate: squares.length > 0 ? effective / squares.length : 0,
  };
}
