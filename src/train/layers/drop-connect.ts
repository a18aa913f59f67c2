import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { relu } from '../ops/relu.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { fixedRate, keepMask } from './masks.js';
import { named } from './named.js';

export const dropConnectOptions = z.strictObject({
  /** Numbers in the output. */
  units: z.int().min(1),
  /** p, the probability of dropping a weight, 0 ≤ p < 1; no schedule, because inference needs it. Default 0.5. */
  rate: fixedRate.default(0.5),
  /** One mask for each 'example', as in the paper (B·D·units numbers), or one for the 'step'. Default 'example'. */
  masks: z.enum(['example', 'step']).default('example'),
  /** a. Default 'relu'. */
  activation: z.enum(['linear', 'relu']).default('relu'),
  /** How inference averages over masks. Default 'gaussian'. */
  inference: z.enum(['gaussian', 'mean']).default('gaussian'),
  /** Whether a bias is added. Default true. */
  bias: z.boolean().default(true),
  /** First values of the kernel; biases start at 0. Default 'heNormal'. */
  initializer: z.enum(initializerNames).default('heNormal'),
  ...named,
});

/**
 * DropConnect (Wan et al., 2013): a dense layer whose weights are dropped, y = a((M ∘ W)ᵀx + b) with
 * M ~ Bernoulli(1 − p). [B, D] → [B, units]. The bias is never dropped.
 *
 * Inference 'gaussian' is the paper's: each unit before the activation is taken as a Gaussian of the same mean,
 * (1 − p)·Wᵀx + b, and variance, p(1 − p)·(W∘W)ᵀ(x∘x), and the output is the mean of its activation. The paper
 * samples; here it is computed in closed form, μΦ(μ/σ) + σφ(μ/σ) for relu. Inference 'mean' is a(mean), and cheaper.
 *
 * @param units Numbers in the output, ≥ 1.
 * @throws UsageError if the input has more than one axis, or the rate is not a number in 0 ≤ p < 1.
 * @example
 * dropConnect(10, { rate: 0.3, inference: 'mean' }).config.rate // → 0.3
 */
export function dropConnect(
  units: number,
  options: Omit<z.input<typeof dropConnectOptions>, 'units'> = {},
): Layer {
  const parsed = parseOptions(
    'dropConnect',
    dropConnectOptions,
    positional('dropConnect', { units }, options),
  );
  const { rate, masks, activation, inference, bias, initializer } = parsed;
  const activate = activation === 'relu' ? relu : (z: tf.Tensor) => z;
  return {
    config: { layer: 'dropConnect', ...parsed },
    init(scope, input) {
      if (input.length !== 1) {
        throw new UsageError(
          expected('dropConnect', 'input of one axis', input, 'put flatten() or globalPool() before it'),
        );
      }
      scope.param('kernel', 'kernel', [input[0], units], initializers[initializer]);
      if (bias) scope.param('bias', 'bias', [units], constant(0));
      return [units];
    },
    apply(scope, x) {
      const w = scope.param('kernel'); // [D, units]
      const shifted = (z: tf.Tensor) => (bias ? tf.add(z, scope.param('bias')) : z);
      if (scope.noisy && rate > 0) {
        if (masks === 'step')
          return activate(shifted(tf.matMul(x, tf.mul(keepMask(scope, w.shape, rate), w))));
        const [batch, inputs] = x.shape;
        const masked = tf.mul(keepMask(scope, [batch, inputs, units], rate), w); // [B, D, units]
        const z = tf.matMul(tf.reshape(x, [batch, 1, inputs]), masked); // [B, 1, units]
        return activate(shifted(tf.reshape(z, [batch, units])));
      }
      const mean = shifted(tf.mul(tf.matMul(x, w), 1 - rate));
      if (inference === 'mean' || activation === 'linear' || rate === 0) return activate(mean);
      const variance = tf.mul(tf.matMul(tf.square(x), tf.square(w)), rate * (1 - rate));
      return rectifiedMean(mean, tf.sqrt(tf.maximum(variance, 1e-12)));
    },
  };
}

/** E[max(0, z)] for z ~ N(μ, σ²). */
function rectifiedMean(mean: tf.Tensor, deviation: tf.Tensor): tf.Tensor {
  const t = tf.div(mean, deviation);
  const below = tf.mul(tf.add(tf.erf(tf.mul(t, Math.SQRT1_2)), 1), 0.5); // Φ(t)
  const density = tf.mul(tf.exp(tf.mul(tf.square(t), -0.5)), 1 / Math.sqrt(2 * Math.PI)); // φ(t)
  return tf.add(tf.mul(mean, below), tf.mul(deviation, density));
}
