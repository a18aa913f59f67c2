import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { mapTensors, type Tensors } from '../state/tensors.js';
import type { Optimizer } from './optimizer.js';

export const sgdOptions = z.strictObject({
  /** m in [0, 1). Default 0.9. */
  momentum: z.number().min(0).lt(1).default(0.9),
  /** Nesterov's look-ahead. Default false. */
  nesterov: z.boolean().default(false),
});

/**
 * Stochastic gradient descent with momentum, as PyTorch's SGD without dampening: v ← m·v + g; the step is lr·v, or
 * lr·(g + m·v) with Nesterov's look-ahead (Sutskever et al., 2013).
 *
 * @throws UsageError if the momentum is out of range.
 * @example
 * sgd({ nesterov: true }).config // → { optimizer: 'sgd', momentum: 0.9, nesterov: true }
 */
export function sgd(options: z.input<typeof sgdOptions> = {}): Optimizer {
  const parsed = parseOptions('sgd', sgdOptions, options);
  const { momentum, nesterov } = parsed;
  const slotOf = (name: string) => `momentum/${name}`;
  return {
    config: { optimizer: 'sgd', ...parsed },
    init: (params) => (momentum === 0 ? {} : renamed(params, slotOf, (p) => tf.zerosLike(p))),
    update(gradients, slots, learningRate) {
      if (momentum === 0) return { steps: mapTensors(gradients, (g) => tf.mul(g, learningRate)), slots: {} };
      const velocity = mapTensors(gradients, (g, name) => tf.add(tf.mul(slots[slotOf(name)], momentum), g));
      const steps = mapTensors(velocity, (v, name) =>
        tf.mul(nesterov ? tf.add(gradients[name], tf.mul(v, momentum)) : v, learningRate),
      );
      return { steps, slots: renamed(velocity, slotOf) };
    },
  };
}

/** The same tensors, changed if asked, under other names. */
export function renamed(
  tensors: Tensors,
  rename: (name: string) => string,
  change: (tensor: tf.Tensor) => tf.Tensor = (tensor) => tensor,
): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), change(tensor)]));
}
