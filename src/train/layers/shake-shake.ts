import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { customGrad, tf } from '../../graph/tf.js';
import { type Layer, layerSchema, type Scope } from './layer.js';
import { named } from './named.js';

const modes = {
  /** 'shake': α is drawn; 'even': α is ½. Default 'shake'. */
  forward: z.enum(['shake', 'even']).default('shake'),
  /** 'shake': β is drawn; 'even': β is ½; 'keep': β is α, which gives the true gradient. Default 'shake'. */
  backward: z.enum(['shake', 'even', 'keep']).default('shake'),
  /** Whether α and β are drawn for each sample (the paper's "image") or for the batch. Default 'sample'. */
  mode: z.enum(['sample', 'batch']).default('sample'),
};
export const shakeShakeOptions = z.strictObject({
  branches: z.tuple([layerSchema, layerSchema]).readonly(),
  ...modes,
  ...named,
});

/** The same options for all blocks of a network. */
export const shakeShakeModes = z.strictObject(modes);

/** Options of `shakeShake`. */
export type ShakeShakeOptions = Omit<z.input<typeof shakeShakeOptions>, 'branches'>;

/**
 * Shake-shake (Gastaldi, "Shake-shake regularization", 2017), as the body of a `residual`, any shape: two branches are
 * blended, forward by α·f₁(x) + (1 − α)·f₂(x), and backward with another number, β·dy and (1 − β)·dy. α, β ~ U(0, 1),
 * drawn in each step; at inference both branches count ½. The branches end in the same shape, and in batch norm. The
 * defaults are the paper's best, "Shake-Shake-Image".
 *
 * @param branches The two branches.
 * @throws UsageError if there are not two branches, or their outputs have different shapes.
 * @example
 * shakeShake([dense(8, { name: 'a' }), dense(8, { name: 'b' })], { mode: 'batch' }).config.mode // → 'batch'
 */
export function shakeShake(branches: readonly [Layer, Layer], options: ShakeShakeOptions = {}): Layer {
  const given = positional('shakeShake', { branches }, options);
  const { branches: _, ...parsed } = parseOptions('shakeShake', shakeShakeOptions, given);
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
        expected(
          'shakeShake',
          `branches of one shape, ${first.join('×')}`,
          second,
          'give them the same output shape',
        ),
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

const weightedSum = (a: tf.Tensor, b: tf.Tensor, alpha: tf.Tensor) =>
  tf.add(tf.mul(a, alpha), tf.mul(b, tf.sub(1, alpha)));

/** One weight for each direction; no gradient flows to them. */
const blend = customGrad<tf.Tensor>((...args) => {
  const [a, b, alpha, beta, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  save([beta]);
  return {
    value: weightedSum(a, b, alpha),
    gradFunc: (dy, [share]) => [
      tf.mul(dy, share),
      tf.mul(dy, tf.sub(1, share)),
      tf.zerosLike(share),
      tf.zerosLike(share),
    ],
  };
});
