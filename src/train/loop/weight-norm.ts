/** Detects weights that have diverged. */
import { tf } from '../../graph/tf.js';
import { DivergedError } from '../state/diverged.js';
import type { State } from '../state/tensors.js';

/** Weights or statistics whose norm is not finite. */
interface Found {
  readonly name: string;
  readonly norm: number;
}

/**
 * The first of the weights and running statistics whose norm is not finite, with that norm. A norm may be infinite
 * although every weight is finite, because their squares are not.
 */
export async function divergedIn({
  params,
  stats,
}: Pick<State, 'params' | 'stats'>): Promise<Found | undefined> {
  const named = Object.entries({ ...params, ...stats });
  if (named.length === 0) return undefined;
  const norms = tf.tidy(() =>
    tf.stack(named.map(([, tensor]) => tf.sqrt(tf.sum(tf.square(tensor.toFloat()))))),
  );
  try {
    const values = await norms.data();
    const at = values.findIndex((norm) => !Number.isFinite(norm));
    return at < 0 ? undefined : { name: named[at][0], norm: values[at] };
  } finally {
    norms.dispose();
  }
}

/** The error after a step, at a learning rate. */
export const weightsDiverged = ({ name, norm }: Found, step: number, learningRate: number): DivergedError =>
  new DivergedError(
    `train: the norm of the weights '${name}' is ${norm} after step ${step} (learning rate ${learningRate}): training has diverged; lower the learning rate, give it a warm-up, or set clipNorm`,
  );
