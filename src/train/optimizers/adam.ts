import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { mapTensors } from '../state/tensors.js';
import type { Optimizer } from './optimizer.js';
import { renamed } from './sgd.js';

export const adamOptions = z.strictObject({
  /** β₁, decay of the mean of gradients, in [0, 1). Default 0.9. */
  beta1: z.number().min(0).lt(1).default(0.9),
  /** β₂, decay of the mean of squared gradients, in [0, 1). Default 0.999. */
  beta2: z.number().min(0).lt(1).default(0.999),
  /** ε > 0, added to the root. Default 1e-8. */
  epsilon: z.number().positive().default(1e-8),
});

/**
 * Adam (Kingma and Ba, 2015) as in PyTorch: m ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)g²; the step is
 * lr · (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε). With the option `weightDecay` of `train` it is AdamW (Loshchilov and
 * Hutter, 2019); with `l2` it is PyTorch's Adam with weight_decay. A common learning rate is 1e-3.
 *
 * @throws UsageError if an option is out of range.
 * @example
 * adam({ beta2: 0.99 }).config // → { optimizer: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8 }
 */
export function adam(options: z.input<typeof adamOptions> = {}): Optimizer {
  const parsed = parseOptions('adam', adamOptions, options);
  const { beta1, beta2, epsilon } = parsed;
  const first = (name: string) => `first/${name}`;
  const second = (name: string) => `second/${name}`;

  return {
    config: { optimizer: 'adam', ...parsed },
    init: (params) => ({
      ...renamed(params, first, (p) => tf.zerosLike(p)),
      ...renamed(params, second, (p) => tf.zerosLike(p)),
      // A float holds 16 million steps exactly, and every backend has them.
      time: tf.scalar(0),
    }),
    update(gradients, slots, learningRate) {
      const time = tf.add(slots.time, 1);
      // 1 − βᵗ = −expm1(t·ln β): exact where the power would lose three digits in the first steps.
      const correction = (beta: number) =>
        beta === 0 ? tf.scalar(1) : tf.neg(tf.expm1(tf.mul(time, Math.log(beta))));
      const rate = tf.div(learningRate, correction(beta1));
      const scale = tf.rsqrt(correction(beta2));
      const m = mapTensors(gradients, (g, name) =>
        tf.add(tf.mul(slots[first(name)], beta1), tf.mul(g, 1 - beta1)),
      );
      const s = mapTensors(gradients, (g, name) =>
        tf.add(tf.mul(slots[second(name)], beta2), tf.mul(tf.square(g), 1 - beta2)),
      );
      const steps = mapTensors(m, (mean, name) =>
        tf.div(tf.mul(mean, rate), tf.add(tf.mul(tf.sqrt(s[name]), scale), epsilon)),
      );
      return { steps, slots: { ...renamed(m, first), ...renamed(s, second), time } };
    },
  };
}

/**
 * The same as `adam`, by the name that stands for decoupled weight decay. The decay itself is the option `weightDecay` of
 * `train`.
 *
 * @example
 * adamw().config.optimizer // → 'adam'
 */
export const adamw = adam;
