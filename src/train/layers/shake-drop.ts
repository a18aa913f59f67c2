/**
 * ShakeDrop (Yamada et al., 2018), at the end of a residual block's body: forward (b + α − bα)·f(x), backward
 * (b + β − bβ)·dy, with b ~ Bernoulli(1 − rate) for each sample, α ~ U(−1, 1) and β ~ U(0, 1) for each sample.
 * At inference the expectation, (1 − rate)·f(x). The paper gives block l of L the rate (l/L)·½. The body must
 * end in batch norm.
 */

import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { customGrad, tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { fixedRate, keepMask } from './masks.js';

export const shakeDropOptions = z.strictObject({
  /** Probability of shaking, 1 − p_l. */
  rate: fixedRate.default(0.5),
  name: z.string().optional(),
});

export function shakeDrop(options: z.input<typeof shakeDropOptions> = {}): Layer {
  const parsed = parseOptions('shakeDrop', shakeDropOptions, options);
  const { rate } = parsed;
  return {
    config: { layer: 'shakeDrop', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      if (rate === 0) return x;
      if (!scope.noisy) return tf.mul(x, 1 - rate);
      const shape = [x.shape[0], ...x.shape.slice(1).map(() => 1)];
      const b = keepMask(scope, shape, rate, 0);
      const factor = (shake: tf.Tensor) => tf.add(b, tf.mul(shake, tf.sub(1, b)));
      const forward = factor(tf.sub(tf.mul(scope.uniform(shape, 1), 2), 1));
      const backward = factor(scope.uniform(shape, 2));
      return shake(x, forward, backward);
    },
  };
}

/** Two factors, one for each direction; both are data. */
const shake = customGrad<tf.Tensor>((...args) => {
  const [x, forward, backward, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  save([forward, backward]);
  return {
    value: tf.mul(x, forward),
    gradFunc: (dy, [f, b]) => [tf.mul(dy, b), tf.zerosLike(f), tf.zerosLike(b)],
  };
});
