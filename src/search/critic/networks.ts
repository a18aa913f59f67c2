/** The networks of a search: a critic that separates real images from augmented ones, a student, and a teacher. */

import { type Part, part, run, type Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  globalPool,
  type Layer,
  relu,
  type Shape,
  sequential,
} from '../../train/layers/index.js';

export interface Networks {
  readonly critic: Part;
  readonly student: Part;
  readonly teacher: Part;
}

/**
 * Critic, student and teacher for images [H, W, C]. The critic has no normalization: batch statistics would hide a shift of
 * a whole batch from it and would couple samples in the gradient penalty. Student and teacher are the same small
 * convolutional network with weights of their own.
 */
export function buildNetworks(image: Shape, classes: number, width: number): Networks {
  return {
    critic: part('critic', critic(image, width), image),
    student: part('student', classifier(image, classes, width), image),
    teacher: part('teacher', classifier(image, classes, width), image),
  };
}

/** Names of the last layer of each. */
export const CRITIC = { head: 'score' } as const;
export const CLASSIFIER = { head: 'head' } as const;
/** ε of the normalization. */
export const EPSILON = 1e-5;

/** Names of the layers of each stage, the first one first. */
export const stageNames = ({ input }: Part): readonly { readonly conv: string; readonly norm: string }[] =>
  Array.from({ length: halvings(input) }, (_, i) => ({ conv: `conv${i + 1}`, norm: `norm${i + 1}` }));

/** Halved until the smaller side is below 8; filters double, up to four times. */
const halvings = ([height, width]: Shape) => Math.max(1, Math.floor(Math.log2(Math.min(height, width) / 4)));

function critic(image: Shape, width: number): Layer {
  const stages = Array.from({ length: halvings(image) }, (_, i) => [
    conv2d(width * Math.min(4, 2 ** i), { kernel: 4, stride: 2, name: `conv${i + 1}` }),
    relu(),
  ]);
  return sequential([
    ...stages.flat(),
    flatten(),
    dense(1, { initializer: 'lecunNormal', name: CRITIC.head }),
  ]);
}

function classifier(image: Shape, classes: number, width: number): Layer {
  const stages = Array.from({ length: halvings(image) }, (_, i) => [
    conv2d(width * Math.min(4, 2 ** i), {
      kernel: 4,
      stride: 2,
      bias: false,
      name: `conv${i + 1}`,
    }),
    batchNorm({ epsilon: EPSILON, name: `norm${i + 1}` }),
    relu(),
  ]);
  return sequential([
    ...stages.flat(),
    globalPool(),
    dense(classes, { initializer: 'lecunNormal', name: CLASSIFIER.head }),
  ]);
}

/** The critic's scores of images in [−1, 1], [B]. */
export const scoreOf = ({ critic }: Pick<Networks, 'critic'>, weights: Weights, x: tf.Tensor): tf.Tensor1D =>
  tf.reshape(run(critic, weights, x, { training: true }).y, [-1]) as tf.Tensor1D;

/** Pixels in [0, 1] as the networks take them, in [−1, 1]. */
export const centered = <T extends tf.Tensor>(x: T): T => tf.sub(tf.mul(x, 2), 1) as T;
