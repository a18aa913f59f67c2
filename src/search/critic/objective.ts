/**
 * What a policy minimizes, image by image: λh · hardness + λc · unreal + λt · teacher. It should make images that the
 * student does not yet know, that the critic still takes for real, and that the teacher still names rightly.
 *
 *   hardness   −log(1 − p) of the student's probability p of the true class: small where the student is wrong
 *   unreal     less the critic's score, in standard deviations of the scores of held-out images
 *   teacher    the teacher's cross-entropy for the true class: without bound, while hardness is bounded by 0
 */
import { fold, type Key, tag } from '../../core/index.js';
import { between } from '../../gan/adversarial/losses.js';
import { tf } from '../../graph/tf.js';
import { perSample } from '../../train/losses/cross-entropy.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import { rowsOf } from './by-hand.js';
import { criticPass } from './critic-pass.js';
import { frozenClassifier } from './frozen-classifier.js';
import { centered, type Networks } from './networks.js';
import type { CriticOptions } from './options.js';

/** What augmented images are judged by. Images are in [0, 1], held-out ones in [−1, 1]; all are as many. */
export interface Case {
  readonly nets: Networks;
  readonly state: State;
  /** The images before they were augmented. */
  readonly clean: tf.Tensor4D;
  readonly classes: tf.Tensor2D;
  /** Held-out images that the critic learns from, and others, whose scores are the measure. */
  readonly real: tf.Tensor4D;
  readonly fresh: tf.Tensor4D;
  readonly lambda: tf.Scalar;
  /** Of the points at which the critic is penalized. */
  readonly key: Key;
  readonly options: Pick<CriticOptions, 'hardness' | 'teacher' | 'penalty'>;
}

export interface Verdict {
  /** Mean over the images; differentiable once, by the images. */
  readonly loss: tf.Scalar;
  readonly aux: {
    /** [B] loss of an image less that of the same image left alone. */
    readonly gain: tf.Tensor;
    /** How much less real they look than the held-out ones, in standard deviations of the latter. */
    readonly gap: tf.Tensor;
    /** Means. */
    readonly hardness: tf.Tensor;
    readonly teacher: tf.Tensor;
    /** Of the critic's own lesson; its gradients by the name of the parameter. */
    readonly distance: tf.Tensor;
    readonly penalty: tf.Tensor;
    readonly [gradient: `critic/${string}`]: tf.Tensor;
  };
}

/** Call it inside `valueAndGradient`, which takes over `aux`. */
export function judged(augmented: tf.Tensor4D, given: Case): Verdict {
  let aux: Tensors = {};
  const loss = tf.customGrad<tf.Scalar>((...args) => {
    const [images, save] = args as unknown as [tf.Tensor4D, tf.GradSaveFunc];
    const { loss, gradient, ...rest } = deliberated(images, given);
    aux = rest;
    for (const tensor of Object.values(rest)) tf.keep(tensor);
    save([gradient]);
    return { value: loss, gradFunc: (dy: tf.Scalar, [kept]: tf.Tensor[]) => tf.mul(dy, kept as tf.Tensor) };
  })(augmented);
  return { loss, aux: aux as Verdict['aux'] };
}

/** The networks judge clean and augmented images in one pass; the critic learns from the latter in the same. */
function deliberated(
  images: tf.Tensor4D,
  { nets, state, clean, classes, real, fresh, lambda, key, options }: Case,
): Verdict['aux'] & { readonly loss: tf.Scalar; readonly gradient: tf.Tensor } {
  const n = images.shape[0];
  const [alone, fake] = [centered(clean), centered(images)];
  const critic = criticPass(
    nets,
    state,
    {
      real,
      fake,
      between: between(real, fake, fold(key, tag('between'))) as tf.Tensor4D,
      others: [fresh, alone],
    },
    options.penalty,
  );
  const [ofFresh, ofAlone] = critic.others as [tf.Tensor1D, tf.Tensor1D];
  const spread = tf.sqrt(tf.add(tf.moments(ofFresh).variance, 1e-12));
  const unreal = tf.neg(tf.div(tf.concat([ofAlone, critic.fake]), spread));

  const student = frozenClassifier(nets.student, state);
  const teacher = frozenClassifier(nets.teacher, weightsOf(state));
  const both = tf.concat([alone, fake]);
  const truth = tf.concat([classes, classes]);
  const [known, taught] = [student.logits(both), teacher.logits(both)];
  const hard = hardnessOf(known, truth);
  const wrong = perSample(taught, truth);
  const losses = tf.addN([
    tf.mul(hard, options.hardness),
    tf.mul(unreal, lambda),
    tf.mul(wrong, options.teacher),
  ]);
  const [before, after] = tf.split(losses, 2) as [tf.Tensor, tf.Tensor];
  const last = <T extends tf.Tensor>(x: T) => rowsOf(x, n, n);
  const byStudent = tf.mul(hardnessSlope(last(known), classes), options.hardness / n) as tf.Tensor2D;
  const byTeacher = tf.mul(tf.sub(tf.softmax(last(taught)), classes), options.teacher / n) as tf.Tensor2D;
  const gradient = tf.addN([
    student.back(byStudent, n),
    teacher.back(byTeacher, n),
    tf.mul(critic.slope, tf.div(lambda, tf.mul(spread, -n))),
  ]);
  return {
    loss: tf.mean(after) as tf.Scalar,
    gradient: tf.mul(gradient, 2), // of images in [0, 1]
    gain: tf.sub(after, before),
    gap: tf.add(tf.mean(last(unreal)), tf.div(tf.mean(ofFresh), spread)),
    hardness: tf.mean(last(hard)),
    teacher: tf.mean(last(wrong)),
    distance: tf.sub(tf.mean(critic.real), tf.mean(critic.fake)),
    penalty: critic.penalty,
    ...(critic.gradients as Record<`critic/${string}`, tf.Tensor>),
  };
}

/** Logits of all classes but the true one; that one has next to none. */
const othersOf = (logits: tf.Tensor2D, classes: tf.Tensor2D) => tf.sub(logits, tf.mul(classes, 1e4));

/** −log(1 − p) of the true class, [B]. */
export function hardnessOf(logits: tf.Tensor2D, classes: tf.Tensor2D): tf.Tensor1D {
  return tf.sub(tf.logSumExp(logits, 1), tf.logSumExp(othersOf(logits, classes), 1)) as tf.Tensor1D;
}

/** Its derivative by the logits. */
const hardnessSlope = (logits: tf.Tensor2D, classes: tf.Tensor2D) =>
  tf.sub(tf.softmax(logits), tf.softmax(othersOf(logits, classes)));
