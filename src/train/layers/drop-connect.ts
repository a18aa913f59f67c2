/**
 * DropConnect (Wan et al., 2013): a dense layer whose weights are dropped, y = a((M ∘ W)ᵀx + b) with
 * M ~ Bernoulli(1 − p). [B, D] → [B, units]. The bias is never dropped. Masks are drawn for every example
 * (as in the paper; they take B·D·units numbers) or one for the whole step.
 *
 * Inference 'gaussian' is the paper's: before the activation each unit is taken for the Gaussian of the same
 * mean, (1 − p)·Wᵀx + b, and variance, p(1 − p)·(W∘W)ᵀ(x∘x), and the mean of its activation is given. The
 * paper samples; for 'linear' and 'relu' the limit has a closed form, μΦ(μ/σ) + σφ(μ/σ) for relu, and that
 * is what is computed. Inference 'mean' is a(mean), and cheaper.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { relu } from '../ops/relu.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { fixedRate, keepMask } from './masks.js';

export const dropConnectOptions = z.strictObject({
  units: z.int().min(1),
  /** p: probability of dropping a weight. */
  rate: fixedRate.default(0.5),
  masks: z.enum(['example', 'step']).default('example'),
  activation: z.enum(['linear', 'relu']).default('relu'),
  inference: z.enum(['gaussian', 'mean']).default('gaussian'),
  bias: z.boolean().default(true),
  initializer: z.enum(initializerNames).default('heNormal'),
  name: z.string().optional(),
});

export function dropConnect(options: z.input<typeof dropConnectOptions>): Layer {
  const parsed = parseOptions('dropConnect', dropConnectOptions, options);
  const { units, rate, masks, activation, inference, bias, initializer } = parsed;
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
