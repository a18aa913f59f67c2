/** Student and teacher as judges: with running statistics, which are folded into the kernels, and no weight that learns. */
import type { Part, Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { activations, backToInput, masked, rowsOf, type Stage } from './by-hand.js';
import { CLASSIFIER, EPSILON, stageNames } from './networks.js';

export interface FrozenClassifier {
  /** Of images in [−1, 1], [B, classes]. */
  logits(x: tf.Tensor4D): tf.Tensor2D;
  /** The gradient of the rows from `from` of the last images, from that of their logits. */
  back(gradient: tf.Tensor2D, from: number): tf.Tensor4D;
}

export function frozenClassifier(part: Part, { params, stats }: Weights): FrozenClassifier {
  const of = (name: string) => params[`${part.name}/${name}`] as tf.Tensor;
  const stages = stageNames(part).map(({ conv, norm }): Stage => {
    const own = (name: string) => stats[`${part.name}/${norm}/${name}`] as tf.Tensor;
    const scale = tf.mul(of(`${norm}/scale`), tf.rsqrt(tf.add(own('variance'), EPSILON)));
    return {
      kernel: tf.mul(of(`${conv}/kernel`), scale) as tf.Tensor4D,
      bias: tf.sub(of(`${norm}/shift`), tf.mul(own('mean'), scale)) as tf.Tensor1D,
    };
  });
  const [kernel, bias] = [of(`${CLASSIFIER.head}/kernel`) as tf.Tensor2D, of(`${CLASSIFIER.head}/bias`)];
  let passed: tf.Tensor4D[] = [];
  return {
    logits(x) {
      passed = activations(x, stages);
      const pooled = tf.mean(passed.at(-1) as tf.Tensor4D, [1, 2]) as tf.Tensor2D;
      return tf.add(tf.matMul(pooled, kernel), bias) as tf.Tensor2D;
    },
    back(gradient, from) {
      const count = gradient.shape[0];
      const [, height, width, channels] = (passed.at(-1) as tf.Tensor4D).shape;
      const pooled = tf.div(tf.matMul(gradient, kernel, false, true), height * width);
      let dy = tf.tile(tf.reshape(pooled, [count, 1, 1, channels]), [1, height, width, 1]) as tf.Tensor4D;
      for (let i = stages.length - 1; i >= 0; i--) {
        const open = rowsOf(passed[i + 1] as tf.Tensor4D, from, count);
        dy = backToInput(masked(dy, open), stages[i] as Stage, passed[i] as tf.Tensor4D) as tf.Tensor4D;
      }
      return dy;
    },
  };
}
