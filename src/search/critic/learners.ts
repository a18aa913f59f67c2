/** How the networks of a search learn: the steps of all three, and the gradients of student and teacher. */
import type { Key } from '../../core/index.js';
import { type Part, run } from '../../gan/part.js';
import type { tf } from '../../graph/tf.js';
import { accuracy, crossEntropy } from '../../train/losses/cross-entropy.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import { type FlatLearner, flatAdam } from './flat-adam.js';
import type { Networks } from './networks.js';

export interface Learners {
  readonly critic: FlatLearner;
  readonly student: FlatLearner;
  readonly teacher: FlatLearner;
}

export function learnersOf({ critic, student, teacher }: Networks): Learners {
  const classifier = { beta1: 0.5, beta2: 0.999 };
  return {
    critic: flatAdam(critic, { beta1: 0, beta2: 0.9 }),
    student: flatAdam(student, classifier),
    teacher: flatAdam(teacher, classifier),
  };
}

export interface Taught {
  readonly state: State;
  readonly metrics: Tensors;
}

/** Cross-entropy of one of the classifiers on images in [−1, 1]. */
export function teachClassifier(
  part: Part,
  own: FlatLearner,
  state: State,
  {
    images,
    classes,
    key,
    rate,
  }: {
    readonly images: tf.Tensor4D;
    readonly classes: tf.Tensor2D;
    readonly key: Key;
    readonly rate: tf.Scalar;
  },
): Taught {
  const { loss, gradients, aux } = valueAndGradient(() => {
    const weights = { params: own.own(state), stats: state.stats };
    const { y, updates } = run<tf.Tensor2D>(part, weights, images, { training: true, key });
    return { loss: crossEntropy(y, classes), aux: { ...updates, [ACCURACY]: accuracy(y, classes) } };
  }, own.own(state));
  const { [ACCURACY]: known, ...stats } = aux;
  const learned = own.learn(state, gradients, rate);
  return {
    state: { ...learned, stats: { ...learned.stats, ...stats } },
    metrics: { loss, accuracy: known as tf.Tensor },
  };
}

/** The prefix keeps it apart from names of statistics, which are paths. */
const ACCURACY = '#accuracy';
