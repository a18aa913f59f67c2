/**
 * Adaptive gradient clipping (Brock et al., "High-performance large-scale image recognition without
 * normalization", 2021): the gradient of each unit is scaled to at most `ratio` times the norm of its weights,
 * g ← g · min(1, ratio · max(‖w‖, ε) / ‖g‖). A unit is what one output has of a kernel; parameters of one axis
 * are taken whole. The paper spares the last layer: `except: 'head'`.
 */

import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { matches } from '../penalties/penalty.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

export const adaptiveClipOptions = z.strictObject({
  ratio: z.number().positive().default(0.01),
  /** Of a weight's norm, at least: those that begin at 0 must be able to leave it. */
  epsilon: z.number().positive().default(1e-3),
  /** A pattern of parameters that are left alone. */
  except: z.string().min(1).optional(),
});
type Options = z.output<typeof adaptiveClipOptions>;

/** Refuses an `except` that names nothing. */
export function checkExcept({ except }: Options, names: readonly string[]): void {
  if (except === undefined || names.some((name) => matches(except, name))) return;
  throw new UsageError(
    `adaptiveClip: except: the pattern '${except}' matches no parameter of the model; its parameters are ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`,
  );
}

export function clipAdaptively(gradients: Tensors, params: Tensors, options: Options): Tensors {
  const { ratio, epsilon, except } = options;
  return mapTensors(gradients, (gradient, name) => {
    if (except !== undefined && matches(except, name)) return gradient;
    const limit = tf.mul(tf.maximum(unitNorm(params[name]), epsilon), ratio);
    return tf.mul(gradient, tf.minimum(tf.div(limit, tf.maximum(unitNorm(gradient), 1e-6)), 1));
  });
}

function unitNorm(w: tf.Tensor): tf.Tensor {
  const axes = w.rank <= 1 ? undefined : w.shape.slice(0, -1).map((_, axis) => axis);
  return tf.sqrt(tf.sum(tf.square(w), axes));
}
