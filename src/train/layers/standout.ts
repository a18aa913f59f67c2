/**
 * Standout, adaptive dropout (Ba and Frey, 2013), as a dense layer: y = m ∘ a(z), z = Wᵀx + b, where unit j is
 * kept with the probability π_j = σ(α·z_j + β) that the layer's own input and weights give it (the paper's
 * tied form). [B, D] → [B, units]. At inference y = π ∘ a(z), the expectation. The mask is data to the
 * gradient, and at inference π is not. α = 0, β = 0 is traditional dropout of rate ½.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { relu } from '../ops/relu.js';
import { constant, initializerNames, initializers } from './initializers.js';
import type { Layer } from './layer.js';

export const standoutOptions = z.strictObject({
  units: z.int().min(1),
  /** How much the keep probability follows the activity. */
  alpha: z.number().default(1),
  /** Larger keeps more. */
  beta: z.number().default(0),
  activation: z.enum(['linear', 'relu']).default('relu'),
  bias: z.boolean().default(true),
  initializer: z.enum(initializerNames).default('heNormal'),
  name: z.string().optional(),
});

export function standout(options: z.input<typeof standoutOptions>): Layer {
  const parsed = parseOptions('standout', standoutOptions, options);
  const { units, alpha, beta, activation, bias, initializer } = parsed;
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
      // The gradient of a step is 0, so the mask is data.
      return tf.mul(y, scope.noisy ? tf.step(tf.sub(keep, scope.uniform(z.shape))) : keep);
    },
  };
}
