/**
 * Shake-shake (Gastaldi, 2017): two branches of a residual block are blended, forward by α·f₁(x) + (1 − α)·f₂(x)
 * and backward, where the gradient is shared out, by another number: β·dy and (1 − β)·dy. α, β ~ U(0, 1) for
 * each sample or for the whole batch, in each step anew; at inference both branches count half. It is the body
 * of a `residual`; branches must end in the same shape, and in batch norm. Defaults are the paper's
 * "Shake-Shake-Image", its best.
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { customGrad, tf } from '../../graph/tf.js';
import type { Layer, Scope } from './layer.js';

const modes = {
  /** 'shake': α is drawn; 'even': it is ½. */
  forward: z.enum(['shake', 'even']).default('shake'),
  /** 'shake': β is drawn; 'even': it is ½; 'keep': it is α, so that the gradient is the true one. */
  backward: z.enum(['shake', 'even', 'keep']).default('shake'),
  /** Who is shaken together: the paper's "image" and "batch". */
  mode: z.enum(['sample', 'batch']).default('sample'),
};
export const shakeShakeOptions = z.strictObject({ ...modes, name: z.string().optional() });

/** For a network: how all of its blocks are shaken. */
export const shakeShakeModes = z.strictObject(modes);

export interface ShakeShakeOptions extends z.input<typeof shakeShakeOptions> {
  readonly branches: readonly [Layer, Layer];
}

export function shakeShake({ branches, ...options }: ShakeShakeOptions): Layer {
  const parsed = parseOptions('shakeShake', shakeShakeOptions, options);
  const { forward, backward, mode } = parsed;
  const names = ['branch1', 'branch2'];
  const draw = (scope: Scope, how: 'shake' | 'even', shape: number[], nth: number) =>
    how === 'shake' ? scope.uniform(shape, nth) : tf.fill(shape, 0.5);
  return {
    config: { layer: 'shakeShake', ...parsed, branches: branches.map(({ config }) => config) },
    init(scope, input) {
      const [first, second] = branches.map((branch, i) => branch.init(scope.at(names[i]), input));
      if (first.join() === second.join()) return first;
      throw new UsageError(
        expected('shakeShake', `branches of one shape, ${first.join('×')}`, second, 'make them alike'),
      );
    },
    apply(scope, x) {
      const [a, b] = branches.map((branch, i) => branch.apply(scope.at(names[i]), x));
      if (!scope.noisy) return tf.mul(tf.add(a, b), 0.5);
      const shape = [mode === 'sample' ? a.shape[0] : 1, ...a.shape.slice(1).map(() => 1)];
      const alpha = draw(scope, forward, shape, 0);
      const beta = backward === 'keep' ? alpha : draw(scope, backward, shape, 1);
      return blend(a, b, alpha, beta);
    },
  };
}

const weighed = (a: tf.Tensor, b: tf.Tensor, alpha: tf.Tensor) =>
  tf.add(tf.mul(a, alpha), tf.mul(b, tf.sub(1, alpha)));

/** Two shares, one for each direction; both are data. */
const blend = customGrad<tf.Tensor>((...args) => {
  const [a, b, alpha, beta, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  save([beta]);
  return {
    value: weighed(a, b, alpha),
    gradFunc: (dy, [share]) => [
      tf.mul(dy, share),
      tf.mul(dy, tf.sub(1, share)),
      tf.zerosLike(share),
      tf.zerosLike(share),
    ],
  };
});
