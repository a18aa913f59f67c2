import { z } from 'zod';
import type { tf } from '../../graph/tf.js';
import type { Shape } from '../../train/layers/index.js';
import { crossEntropy } from '../../train/losses/cross-entropy.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import { classifierLayers } from '../classifier.js';
import type { Learned, Learner } from '../learner.js';
import { type Part, part, run, type Weights } from '../part.js';

/** Weight λ of a guide; absent: no guide. */
export const guidanceSchema = z.number().positive().optional();

/**
 * A guide: a classifier trained together with the critic (after Lee and Seok, "Controllable generative adversarial
 * network", 2019). It learns from real images only, as the critic sees them. With the weight λ (`guidance`):
 *   its own loss                cross-entropy of C(x) and the class of x
 *   added to the generator's    λ · cross-entropy of C(G(…)) and the requested class
 * An auxiliary classifier (AC-GAN) reads the critic's features and overfits with it; the features of a hinge critic are
 * bounded by spectral norm. A guide has batch norm and no bound, and learns from augmented images where the critic does.
 */
export interface Guide {
  readonly classifier: Part;
  /** λ */
  readonly guidance: number;
}

export interface GuideOptions {
  /** Filters next to the image. */
  readonly width: number;
  readonly classes: number;
  readonly guidance?: number;
}

export function buildGuide(image: Shape, { width, classes, guidance }: GuideOptions): Guide | undefined {
  if (guidance === undefined) return undefined;
  return { classifier: part('guide', classifierLayers('gan', image, width, classes), image), guidance };
}

export const guideParts = (guide: Guide | undefined): Part[] => (guide ? [guide.classifier] : []);

/** The guide's loss on real images. Call it inside `tf.tidy`. */
export function lesson(
  { classifier }: Guide,
  weights: Weights,
  real: tf.Tensor4D,
  classes: tf.Tensor2D,
): { loss: tf.Scalar; updates: Tensors } {
  const { y, updates } = run<tf.Tensor2D>(classifier, weights, real, { training: true });
  return { loss: crossEntropy(y, classes), updates };
}

/** One step of the guide on real images; returns the whole state. Call it inside `tf.tidy`. */
export function guideStep(
  guide: Guide,
  learns: Learner,
  state: State,
  real: tf.Tensor4D,
  classes: tf.Tensor2D,
  learningRate: tf.Scalar,
): Learned & { readonly loss: tf.Scalar } {
  const params = learns.own(state);
  const { gradients, loss, aux } = valueAndGradient(() => {
    const { loss, updates } = lesson(guide, { params, stats: state.stats }, real, classes);
    return { loss, aux: updates };
  }, params);
  const { state: moved, norm } = learns.learn(state, gradients, learningRate);
  return { state: { ...moved, stats: { ...moved.stats, ...aux } }, loss, norm };
}

/** The guide's cross-entropy of generated images and their requested classes, not yet weighted by λ. */
export function classMismatchLoss(
  { classifier }: Guide,
  weights: Weights,
  made: tf.Tensor4D,
  classes: tf.Tensor2D,
): tf.Scalar {
  return crossEntropy(run<tf.Tensor2D>(classifier, weights, made).y, classes);
}
