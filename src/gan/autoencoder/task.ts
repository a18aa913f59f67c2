/** The task of an autoencoder: a step encodes, samples codes if variational, decodes and applies the losses. */
import { type Batch, fold, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { accuracy, crossEntropy } from '../../train/losses/cross-entropy.js';
import { scheduledNumber } from '../../train/ops/scheduled.js';
import { moveAverage, startAverage, weightsOf } from '../../train/optimizers/ema.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { Tensors } from '../../train/state/tensors.js';
import type { Measure, StepContext, Stepped, Task, TaskFor } from '../../train/task.js';
import { evaluateMade, MADE, type Real } from '../evaluate.js';
import { checkImages } from '../images.js';
import { better, type Judge } from '../judge/judge.js';
import { type LearnerOptions, learner, shaping } from '../learner.js';
import { initializeParts, run, type Weights } from '../part.js';
import { type AutoencoderDescription, buildCoder, type Coder, identityOf, partsOf } from './autoencoder.js';
import { chooseTriplets, tripletLoss } from './guide.js';
import { divergenceFromPrior, posterior, reconstruction, reparameterize } from './losses.js';

export interface AutoencoderTask extends Task {
  readonly coder: Coder;
}

export type AutoencodingOptions = LearnerOptions & {
  readonly model: AutoencoderDescription;
  readonly ema?: { readonly decay: number; readonly warmup: number };
  readonly judge?: Judge;
};

interface Fed {
  readonly images: tf.Tensor4D;
  readonly targets: tf.Tensor2D;
}

export function autoencoding({
  model,
  ema,
  judge,
  ...learning
}: AutoencodingOptions): TaskFor<AutoencoderTask> {
  return (spec) => {
    const coder = buildCoder(model, spec);
    const learns = learner('coder', partsOf(coder), learning);

    const init: Task['init'] = (key) => {
      const weights = initializeParts(partsOf(coder), key);
      const slots = {
        ...learns.init(weights.params),
        ...(ema && { [STEPS]: tf.scalar(0), ...startAverage(weights) }),
      };
      return { ...weights, slots };
    };

    const step: Task['step'] = (state, feed, context): Stepped => {
      const { learningRate, ...fed } = feed as typeof feed & Fed;
      const params = learns.own(state);
      const { loss, gradients, aux } = valueAndGradient(() => {
        const { loss, ...pieces } = losses(coder, { params, stats: state.stats }, fed, context).scalars;
        return { loss, aux: pieces as Tensors };
      }, params);
      const { state: moved, norm } = learns.learn(state, gradients, learningRate);
      const metrics = { loss, ...aux, gradientNorm: norm };
      if (!ema) return { state: moved, metrics };
      const time = tf.add(state.slots[STEPS], 1) as tf.Scalar;
      const slots = { ...moved.slots, [STEPS]: time, ...moveAverage(state.slots, moved, time, ema) };
      return { state: { ...moved, slots }, metrics };
    };

    /** The losses at inference; a judge sees the reconstructed images. */
    const measure: Measure = (state, feed) => {
      const { images, classes: targets } = feed as typeof feed & Real;
      const { scalars, restored } = losses(coder, weightsOf(state), { images, targets });
      return { ...scalars, ...(judge && { [MADE]: restored }) };
    };

    return {
      name: model.name,
      coder,
      spec,
      identity: identityOf(model),
      init,
      step,
      check: (batch) => checkImages(batch, spec, 'autoencoder'),
      feed: feedOf,
      evaluate: (_, batches, signal, compute) =>
        evaluateMade('autoencoder', spec, batches, { compute, judge, signal }, { measure }),
      options: shaping(model.config, { ...learning, ema }),
      direction: (metric) => (metric === 'accuracy' ? 'max' : better(metric)),
    };
  };
}

const STEPS = '#steps';

function feedOf(batch: Batch): Tensors {
  return { images: imagesOf(batch, 'autoencoder'), targets: targetsOf(batch) };
}

/** The loss, its terms, and the reconstructed images. Codes are sampled in training and means at inference. */
function losses(
  { model: { config }, encoder, decoder, classifier }: Coder,
  weights: Weights,
  { images, targets }: Fed,
  context?: StepContext,
): { scalars: Record<string, tf.Scalar> & { loss: tf.Scalar }; restored: tf.Tensor4D } {
  const { variational, beta, conditional, guide } = config;
  const { key, progress } = context ?? { key: { a: 0, b: 0 }, progress: 1 };
  const mode = { training: context !== undefined, key, progress };
  const encoded = run<tf.Tensor2D>(encoder, weights, images, mode).y;
  const drawn = variational ? posterior(encoded) : undefined;
  const mean = drawn?.mean ?? encoded;
  const codes = drawn && context ? reparameterize(drawn, fold(key, tag('code'))) : mean;
  const condition = conditional ? { condition: targets } : {};
  const restored = run<tf.Tensor4D>(decoder, weights, codes, { ...mode, ...condition }).y;

  const pieces: Record<string, tf.Scalar> = {
    reconstruction: reconstruction(restored, images, config.reconstruction),
  };
  const terms: tf.Scalar[] = [pieces.reconstruction];
  if (drawn) {
    const numbers = images.size / images.shape[0];
    pieces.divergence = divergenceFromPrior(drawn);
    terms.push(
      tf.mul(
        pieces.divergence,
        scheduledNumber(beta, progress, (value) => value / numbers),
      ),
    );
  }
  if (guide && classifier) {
    // Later uses take the mean of a code, so the means must be separated.
    const logits = run<tf.Tensor2D>(classifier, weights, mean, mode).y;
    pieces.crossEntropy = crossEntropy(logits, targets);
    pieces.accuracy = accuracy(logits, targets);
    pieces.triplet = tripletLoss(mean, chooseTriplets(targets, fold(key, tag('triplets'))), guide.margin);
    terms.push(tf.mul(pieces.crossEntropy, guide.classification), tf.mul(pieces.triplet, guide.triplet));
  }
  return { scalars: { loss: tf.addN(terms) as tf.Scalar, ...pieces }, restored };
}
