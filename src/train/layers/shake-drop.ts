import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { customGrad, tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';
import { fixedRate, keepMask } from './masks.js';
import { named } from './named.js';

export const shakeDropOptions = z.strictObject({
  /** Probability of shaking. Default 0.5. */
  rate: fixedRate.default(0.5),
  ...named,
});

/**
 * ShakeDrop (Yamada et al., 2018), at the end of a residual block's body, which must end in batch norm; any shape.
 * Forward (b + α − bα)·f(x), backward (b + β − bβ)·dy, with b ~ Bernoulli(1 − rate), α ~ U(−1, 1) and β ~ U(0, 1)
 * for each sample. Inference gives the expectation, (1 − rate)·f(x).
 *
 * @param rate Probability of shaking, 1 − p_l of the paper, 0 ≤ rate < 1. Default 0.5; the paper gives block l of L the
 * rate (l/L)·½.
 * @throws UsageError if the rate is out of range or a schedule.
 * @example
 * shakeDrop(0.25).config // → { layer: 'shakeDrop', rate: 0.25 }
 */
export function shakeDrop(
  rate?: number,
  options: Omit<z.input<typeof shakeDropOptions>, 'rate'> = {},
): Layer {
  const parsed = parseOptions('shakeDrop', shakeDropOptions, positional('shakeDrop', { rate }, options));
  return {
    config: { layer: 'shakeDrop', ...parsed },
    init: (_, input) => input,
    apply(scope, x) {
      if (parsed.rate === 0) return x;
      if (!scope.noisy) return tf.mul(x, 1 - parsed.rate);
      const shape = [x.shape[0], ...x.shape.slice(1).map(() => 1)];
      const b = keepMask(scope, shape, parsed.rate, 0);
      const factor = (shake: tf.Tensor) => tf.add(b, tf.mul(shake, tf.sub(1, b)));
      const forward = factor(tf.sub(tf.mul(scope.uniform(shape, 1), 2), 1));
      const backward = factor(scope.uniform(shape, 2));
      return shake(x, forward, backward);
    },
  };
}

/** One factor for each direction; no gradient flows to them. */
const shake = customGrad<tf.Tensor>((...args) => {
  const [x, forward, backward, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  save([forward, backward]);
  return {
    value: tf.mul(x, forward),
    gradFunc: (dy, [f, b]) => [tf.mul(dy, b), tf.zerosLike(f), tf.zerosLike(b)],
  };
});
