import { z } from 'zod';
import { parseOptions, UsageError } from '../../core/index.js';
import { joined } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { stopGradient } from '../ops/stop-gradient.js';
import { asMatrix } from '../penalties/penalty.js';
import { unit } from '../penalties/spectral.js';
import { type Layer, layerSchema } from './layer.js';
import { named } from './named.js';

export const spectralNormOptions = z.strictObject({
  inner: layerSchema,
  /** Iterations of the power method in each training step, ≥ 1. Default 1. */
  iterations: z.int().min(1).default(1),
  ...named,
});

/**
 * Spectral normalization (Miyato et al., 2018) of a layer that has a `kernel`: it computes with W/σ(W), σ the largest
 * singular value of W [inputs, units], estimated by the power method from where the last training step ended. No
 * gradient flows through the singular vectors, as in PyTorch. Inference uses the last estimate. The parameters keep the
 * inner layer's names.
 *
 * @param inner A layer with a kernel, such as conv2d(…) or dense(…).
 * @throws UsageError if the layer has no kernel.
 * @example
 * spectralNorm(conv2d(64), { iterations: 2 }).config.iterations // → 2
 */
export function spectralNorm(
  inner: Layer,
  options: Omit<z.input<typeof spectralNormOptions>, 'inner'> = {},
): Layer {
  const parsed = parseOptions(
    'spectralNorm',
    spectralNormOptions,
    joined('spectralNorm', { inner }, options),
  );
  const name = parsed.name ?? inner.config.name;
  return {
    config: {
      layer: 'spectralNorm',
      iterations: parsed.iterations,
      ...(name !== undefined && { name }),
      inner: inner.config,
    },
    init(scope, input) {
      const output = inner.init(scope, input);
      const kernel = scope.declared('kernel');
      if (!kernel) {
        throw new UsageError(
          `spectralNorm: expected a layer with a kernel but received ${inner.config.layer}; wrap conv2d() or dense()`,
        );
      }
      const units = kernel.shape[kernel.shape.length - 1];
      const inputs = kernel.shape.reduce((product, side) => product * side, 1) / units;
      scope.stat('left', [units], 1 / Math.sqrt(units));
      scope.stat('right', [inputs], 1 / Math.sqrt(inputs));
      return output;
    },
    apply(scope, x) {
      const kernel = scope.param('kernel');
      const fixed = asMatrix(stopGradient(kernel)); // [inputs, units]
      let u = scope.stat('left').reshape([-1, 1]);
      let v = scope.stat('right').reshape([-1, 1]);
      if (scope.adapting) {
        for (let i = 0; i < parsed.iterations; i++) {
          u = unit(tf.matMul(fixed, v, true));
          v = unit(tf.matMul(fixed, u));
        }
        scope.update('left', u.reshape([-1]));
        scope.update('right', v.reshape([-1]));
      }
      const sigma = tf.sum(tf.mul(v, tf.matMul(asMatrix(kernel), u)));
      return inner.apply(scope.replacing({ kernel: tf.div(kernel, sigma) }), x);
    },
  };
}
