/**
 * All that the critic does in a step, in one pass over all rows. Its scores are of each row alone, so the gradient of a row's
 * score serves for three things: it is what the penalty is about, what the policy learns from, and, weighted row by row,
 * what the critic learns from. Formulas: for a score s of x with rectifiers Mₗ and kernels Kₗ, ∂s/∂x = K₁ᵀM₁ ⋯ KₙᵀMₙw; and of a
 * penalty with ∂P/∂(∂s/∂x) = u, ∂P/∂Kₗ is the kernel gradient of input Mₗ₋₁Kₗ₋₁ ⋯ M₁K₁u and output gradient MₗKₗ₊₁ᵀ ⋯ w.
 */
import type { Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';
import { activations, backToInput, backToKernel, convolved, masked, rowsOf, type Stage } from './by-hand.js';
import { CRITIC, type Networks, stageNames } from './networks.js';

export interface CriticRows {
  /** What it learns from, images in [−1, 1], as many each; and points between them. */
  readonly real: tf.Tensor4D;
  readonly fake: tf.Tensor4D;
  readonly between: tf.Tensor4D;
  /** Others that are scored. */
  readonly others: readonly tf.Tensor4D[];
}

export interface CriticPass {
  /** [B] each. */
  readonly real: tf.Tensor1D;
  readonly fake: tf.Tensor1D;
  readonly others: readonly tf.Tensor1D[];
  /** Of each augmented image's score by its pixels, [B, H, W, C]. */
  readonly slope: tf.Tensor4D;
  /** E(‖∂s/∂x‖ − 1)² at the points between. */
  readonly penalty: tf.Scalar;
  /** Of weight · penalty − (E s(real) − E s(fake)), by the name of the parameter. */
  readonly gradients: Tensors;
}

export function criticPass(
  { critic }: Pick<Networks, 'critic'>,
  { params }: Weights,
  { real, fake, between, others }: CriticRows,
  weight: number,
): CriticPass {
  const of = (name: string) => params[`${critic.name}/${name}`] as tf.Tensor;
  const names = stageNames(critic).map(({ conv }) => conv);
  const stages = names.map(
    (name): Stage => ({
      kernel: of(`${name}/kernel`) as tf.Tensor4D,
      bias: of(`${name}/bias`) as tf.Tensor1D,
    }),
  );
  const n = real.shape[0];
  const learned = 3 * n;
  const all = activations(tf.concat([real, fake, between, ...others]), stages);
  const last = all.at(-1) as tf.Tensor4D;
  const [, height, width, channels] = last.shape;
  const flat = height * width * channels;
  const head = of(`${CRITIC.head}/kernel`) as tf.Tensor2D;
  const features = tf.reshape(last, [-1, flat]) as tf.Tensor2D;
  const scores = tf.reshape(tf.add(tf.matMul(features, head), of(`${CRITIC.head}/bias`)), [-1]);
  const counts = [n, n, n, ...others.map(({ shape }) => shape[0])];
  const [ofReal, ofFake, , ...ofOthers] = tf.split(scores, counts) as tf.Tensor1D[];

  // Of each row's own score, stage by stage.
  const own = all.map((each) => rowsOf(each, 0, learned));
  const slopes: tf.Tensor4D[] = [];
  let dy = tf.tile(tf.reshape(head, [1, height, width, channels]), [learned, 1, 1, 1]) as tf.Tensor4D;
  for (let i = stages.length - 1; i >= 0; i--) {
    slopes[i] = masked(dy, own[i + 1] as tf.Tensor4D);
    dy = backToInput(slopes[i] as tf.Tensor4D, stages[i] as Stage, own[i] as tf.Tensor4D) as tf.Tensor4D;
  }
  const at = rowsOf(dy, 2 * n, n);
  const norm = tf.sqrt(tf.add(tf.sum(tf.square(at), [1, 2, 3], true), 1e-12));
  const excess = tf.sub(norm, 1);

  // The penalty's way: u, and what becomes of it.
  let way = tf.mul(at, tf.div(tf.mul(excess, 2 / n), norm)) as tf.Tensor4D;
  const share = new Float32Array(learned)
    .fill(-1 / n, 0, n)
    .fill(1 / n, n, 2 * n)
    .fill(weight, 2 * n);
  const shares = tf.tensor4d(share, [learned, 1, 1, 1]);
  const gradients: Record<string, tf.Tensor> = {};
  for (const [i, stage] of stages.entries()) {
    const name = `${critic.name}/${names[i]}`;
    const output = tf.mul(slopes[i] as tf.Tensor4D, shares) as tf.Tensor4D;
    const input = tf.concat([rowsOf(own[i] as tf.Tensor4D, 0, 2 * n), way]);
    gradients[`${name}/kernel`] = backToKernel(input, output, stage);
    gradients[`${name}/bias`] = tf.sum(rowsOf(output, 0, 2 * n), [0, 1, 2]);
    way = masked(convolved(way, stage) as tf.Tensor4D, rowsOf(own[i + 1] as tf.Tensor4D, 2 * n, n));
  }
  const inputs = tf.concat([rowsOf(features, 0, 2 * n), tf.reshape(way, [n, flat])]);
  gradients[`${critic.name}/${CRITIC.head}/kernel`] = tf.matMul(inputs, tf.reshape(shares, [-1, 1]), true);
  // As often −1/n as 1/n.
  gradients[`${critic.name}/${CRITIC.head}/bias`] = tf.zeros([1]);
  return {
    ...{ real: ofReal as tf.Tensor1D, fake: ofFake as tf.Tensor1D, others: ofOthers, gradients },
    slope: rowsOf(dy, n, n),
    penalty: tf.mean(tf.square(excess)) as tf.Scalar,
  };
}
