/**
 * Statistics of weights: the norm of each kernel and of all, the shares of zeros and near zeros, and the effective learning
 * rate. A kernel followed by normalization can be rescaled without changing the network; a step changes its direction in
 * proportion to η/‖w‖² (van Laarhoven, "L2 regularization versus batch and weight normalization", 2017). Reported is the
 * mean over kernels of η/‖w‖² with the η of the last step; it rises as weight decay keeps norms small. Kernels without
 * normalization, such as the head, are included. Kernels that are all 0, as L1 can make them, are not.
 */

import type { WeightsReport } from '../../core/events.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';

/** |w| below this counts as near zero. */
const NEAR = 1e-6;

/** Reports statistics of the kernels `names`, of which there must be at least one. */
export async function weightReport(
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
