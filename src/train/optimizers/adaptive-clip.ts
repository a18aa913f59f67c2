import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { matches } from '../penalties/penalty.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

export const adaptiveClipOptions = z.strictObject({
  /** Largest norm of a unit's gradient, as a share of the norm of its weights, > 0. Default 0.01. */
  threshold: z.number().positive().default(0.01),
  /** Norm that weights count at least, > 0, because those that start at 0 must be able to move. Default 1e-3. */
  epsilon: z.number().positive().default(1e-3),
  /** Pattern of parameters that are not clipped. The paper spares the last layer: 'head'. */
  exclude: z.string().min(1).optional(),
});
type Options = z.output<typeof adaptiveClipOptions>;

/** Refuses a pattern that matches no parameter. */
export function checkExcept({ exclude }: Options, names: readonly string[]): void {
  if (exclude === undefined || names.some((name) => matches(exclude, name))) return;
  throw new UsageError(
    `adaptiveClip: exclude: the pattern '${exclude}' matches no parameter of the model; its parameters are ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`,
  );
}

/**
 * Adaptive gradient clipping (Brock et al., "High-performance large-scale image recognition without normalization", 2021):
 * the gradient of each unit is scaled to at most λ times the norm of its weights, g ← g · min(1, λ · max(‖w‖, ε) / ‖g‖),
 * λ the threshold. A unit is one output of a kernel; parameters of one axis are one unit.
 */
export function clipAdaptively(gradients: Tensors, params: Tensors, options: Options): Tensors {
  const { threshold, epsilon, exclude } = options;
  return mapTensors(gradients, (gradient, name) => {
    if (exclude !== undefined && matches(exclude, name)) return gradient;
    const limit = tf.mul(tf.maximum(unitNorm(params[name]), epsilon), threshold);
    return tf.mul(gradient, tf.minimum(tf.div(limit, tf.maximum(unitNorm(gradient), 1e-6)), 1));
  });
}

function unitNorm(w: tf.Tensor): tf.Tensor {
  const axes = w.rank <= 1 ? undefined : w.shape.slice(0, -1).map((_, axis) => axis);
  return tf.sqrt(tf.sum(tf.square(w), axes));
}
