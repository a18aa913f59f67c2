import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { relu } from '../ops/relu.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';
import { named } from './named.js';

export const standoutOptions = z.strictObject({
  /** Numbers in the output. */
  units: z.int().min(1),
  /** α: how strongly the keep probability follows the activity. Default 1. */
  alpha: z.number().default(1),
  /** β: larger keeps more. Default 0. */
  beta: z.number().default(0),
  /** a. Default 'relu'. */
  activation: z.enum(['linear', 'relu']).default('relu'),
  /** Whether a bias is added. Default true. */
  bias: z.boolean().default(true),
  /** First values of the kernel; biases start at 0. Default 'heNormal'. */
  initializer: z.enum(initializerNames).default('heNormal'),
  ...named,
});

/**
 * Standout, adaptive dropout (Ba and Frey, 2013), as a dense layer: y = m ∘ a(z), z = Wᵀx + b, where unit j is kept with
 * the probability π_j = σ(α·z_j + β), from the layer's own weights (the paper's tied form). [B, D] → [B, units].
 * Inference gives the expectation, y = π ∘ a(z). No gradient flows through the mask in training. α = 0, β = 0 is
 * traditional dropout of rate ½.
 *
 * @param units Numbers in the output, ≥ 1.
 * @throws UsageError if the input has more than one axis.
 * @example
 * standout(10, { beta: 0.5 }).config.beta // → 0.5
 */
export function standout(units: number, options: Omit<z.input<typeof standoutOptions>, 'units'> = {}): Layer {
  const parsed = parseOptions('standout', standoutOptions, positional('standout', { units }, options));
  const { alpha, beta, activation, bias, initializer } = parsed;
  return {
    config: { layer: 'standout', ...parsed },
    init(scope, input) {
      if (input.length !== 1) {
        throw new UsageError(
          expected('standout', 'input of one axis', input, 'put flatten() or globalPool() before it'),
        );
      }
      scope.param('kernel', 'kernel', [input[0], units], initializers[initializer]);
      if (bias) scope.param('bias', 'bias', [units], constant(0));
      return [units];
    },
    apply(scope, x) {
      const product = tf.matMul(x, scope.param('kernel'));
      const z = bias ? tf.add(product, scope.param('bias')) : product; // [B, units]
      const y = activation === 'relu' ? relu(z) : z;
      const keep = tf.sigmoid(tf.add(tf.mul(z, alpha), beta));
      // The gradient of a step function is 0, so none flows through the mask.
      return tf.mul(y, scope.noisy ? tf.step(tf.sub(keep, scope.uniform(z.shape))) : keep);
    },
  };
}
