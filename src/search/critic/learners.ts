/** How the networks of a search learn: a step of the critic, of the student, and of the teacher. */
import { fold, type Key, tag } from '../../core/index.js';
import { between, gradientPenalty } from '../../gan/adversarial/losses.js';
import { type Learner, learner } from '../../gan/learner.js';
import { type Part, run } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { accuracy, crossEntropy } from '../../train/losses/cross-entropy.js';
import { adam } from '../../train/optimizers/adam.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import { type Networks, scoreOf } from './networks.js';

export interface Learners {
  readonly critic: Learner;
  readonly student: Learner;
  readonly teacher: Learner;
}

export function learnersOf({ critic, student, teacher }: Networks): Learners {
  const classifier = { optimizer: adam({ beta1: 0.5 }) };
  return {
    critic: learner('critic', [critic], { optimizer: adam({ beta1: 0, beta2: 0.9 }) }),
    student: learner('student', [student], classifier),
    teacher: learner('teacher', [teacher], classifier),
  };
}

export interface Taught {
  readonly state: State;
  readonly metrics: Tensors;
}

/**
 * WGAN-GP (Gulrajani et al., 2017): real and augmented images in [−1, 1] in one batch, and the penalty on the norm of the
 * gradient over each whole sample.
 */
export function teachCritic(
  nets: Networks,
  { critic }: Learners,
  state: State,
  {
    real,
    fake,
    key,
    rate,
    penalty: weight,
  }: {
    readonly real: tf.Tensor4D;
    readonly fake: tf.Tensor4D;
    readonly key: Key;
    readonly rate: tf.Scalar;
    readonly penalty: number;
  },
): Taught {
  const { gradients, aux } = valueAndGradient(() => {
    const weights = { params: critic.own(state), stats: state.stats };
    const [ofReal, ofFake] = tf.split(scoreOf(nets, weights, tf.concat([real, fake])), 2) as tf.Tensor1D[];
    const at = between(real, fake, fold(key, tag('between')));
    const penalty = gradientPenalty((x) => scoreOf(nets, weights, x), at);
    const distance = tf.sub(tf.mean(ofReal as tf.Tensor1D), tf.mean(ofFake as tf.Tensor1D));
    return {
      loss: tf.sub(tf.mul(penalty, weight), distance) as tf.Scalar,
      aux: { distance, penalty },
    };
  }, critic.own(state));
  return { state: critic.learn(state, gradients, rate).state, metrics: aux };
}

/** Cross-entropy of one of the classifiers on images in [−1, 1]. */
export function teachClassifier(
  part: Part,
  own: Learner,
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
  const { state: learned } = own.learn(state, gradients, rate);
  return {
    state: { ...learned, stats: { ...learned.stats, ...stats } },
    metrics: { loss, accuracy: known as tf.Tensor },
  };
}

/** The prefix keeps it apart from names of statistics, which are paths. */
const ACCURACY = '#accuracy';
