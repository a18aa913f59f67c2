/** The task of Smart Augmentation: a step of the critic, if there is one, then a step of both nets on their common loss. */
import { fold, type Key, keyOf, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { accuracy, crossEntropy, perSample } from '../../train/losses/cross-entropy.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import type { Stepped, Task, TaskFor } from '../../train/task.js';
import { criticise, criticParts } from '../adversarial/critic.js';
import { criticLoss, generatorLoss, meanOf } from '../adversarial/losses.js';
import { COUNTED, evaluateMade, MADE, type Making, type Real } from '../evaluate.js';
import { checkImages } from '../images.js';
import { better, type Judge } from '../judge/judge.js';
import { type LearnerOptions, learner, shaping } from '../learner.js';
import type { Rows } from '../pair-sheet.js';
import { partners } from '../pairs.js';
import { initializeParts, run, type Weights } from '../part.js';
import { runUnet, unetParts } from '../unet.js';
import { type BuiltSmart, buildSmart, identityOf, type SmartDescription, smartParts } from './smart.js';

export interface SmartTask extends Task {
  readonly built: BuiltSmart;
  /** Images of a batch, the images merged with each, and the results. The choice does not change between calls. */
  merged(weights: Weights, images: tf.Tensor4D, classes: tf.Tensor2D): Rows;
}

/** Inputs of a step. */
interface Group {
  /** x₁ */
  readonly images: tf.Tensor4D;
  readonly classes: tf.Tensor2D;
  /** [B, H, W, C·k]: x₁ … x_k. */
  readonly stacked: tf.Tensor4D;
  /** x_t */
  readonly target: tf.Tensor4D;
  /** [B]: 0 for rows whose class has too few images in the batch. */
  readonly valid: tf.Tensor1D;
}

export function smart({
  model,
  judge,
  ...learning
}: LearnerOptions & { readonly model: SmartDescription; readonly judge?: Judge }): TaskFor<SmartTask> {
  const { images: count, alpha, beta, critic: gamma } = model.config;
  return (spec) => {
    const built = buildSmart(model, spec);
    const { merger, classifier, critic } = built;
    const nets = learner('nets', [...unetParts(merger), classifier], learning);
    const judges = critic && learner('critic', criticParts(critic), learning);

    const group = (images: tf.Tensor4D, classes: tf.Tensor2D, key: Key): Group => {
      const { rows, valid } = partners(classes, count, key);
      const [target, ...others] = rows.map((row) => tf.gather(images, row));
      return { images, classes, target, valid, stacked: tf.concat([images, ...others], 3) as tf.Tensor4D };
    };

    const criticStep = (state: State, { images, stacked, target, valid }: Group, learningRate: tf.Scalar) => {
      if (!critic || !judges) return undefined;
      const made = runUnet(merger, state, stacked);
      const params = judges.own(state);
      const { loss, gradients, aux } = valueAndGradient(() => {
        const pairs = tf.concat([tf.concat([target, images], 3), tf.concat([made, images], 3)]);
        const { score, updates } = criticise(critic, { params, stats: state.stats }, pairs, undefined, {
          training: true,
        });
        const [real, merged] = tf.split(score, 2) as tf.Tensor1D[];
        return { loss: criticLoss('hinge', real, merged, valid), aux: updates };
      }, params);
      const { state: moved, norm } = judges.learn(state, gradients, learningRate);
      return { state: { ...moved, stats: { ...moved.stats, ...aux } }, loss, norm };
    };

    const step: Task['step'] = (state, feed, { key, progress }): Stepped => {
      const { learningRate } = feed;
      const given = group(feed.images as tf.Tensor4D, feed.classes as tf.Tensor2D, key);
      const judged = criticStep(state, given, learningRate);
      const before = judged?.state ?? state;
      const params = nets.own(before);
      const { loss, gradients, aux } = valueAndGradient(() => {
        const weights: Weights = { params: { ...before.params, ...params }, stats: before.stats };
        const { images, classes, stacked, target, valid } = given;
        const made = runUnet(merger, weights, stacked);
        const likeness = meanOf(tf.mean(tf.square(tf.sub(made, target)), [1, 2, 3]), valid);
        const { y, updates } = run<tf.Tensor2D>(classifier, weights, tf.concat([images, made]), {
          training: true,
          key: fold(key, tag('classifier')),
          progress,
        });
        const [real, merged] = tf.split(y, 2) as tf.Tensor2D[];
        const own = crossEntropy(real, classes);
        const ofMerged = meanOf(perSample(merged, classes), valid);
        const terms = [tf.mul(likeness, alpha), tf.mul(tf.add(own, ofMerged), beta / 2)];
        if (critic) {
          const { score } = criticise(critic, weights, tf.concat([made, images], 3));
          terms.push(tf.mul(generatorLoss(score, valid), gamma));
        }
        return {
          loss: tf.addN(terms) as tf.Scalar,
          aux: {
            ...updates,
            [ACCURACY]: accuracy(real, classes),
            [LIKENESS]: likeness,
            [MERGED]: ofMerged,
          },
        };
      }, params);
      const { [ACCURACY]: correct, [LIKENESS]: likeness, [MERGED]: merged, ...updates } = aux;
      const { state: moved, norm } = nets.learn(before, gradients, learningRate);
      return {
        state: { ...moved, stats: { ...moved.stats, ...updates } },
        metrics: {
          loss,
          accuracy: correct,
          likeness,
          merged,
          ...(judged && { critic: judged.loss }),
          gradientNorm: judged ? tf.add(norm, judged.norm) : norm,
        },
      };
    };

    /** Images are merged for a judge only. */
    const making: Making = {
      draw({ images, classes }, key): Tensors {
        if (!judge) return {};
        const { stacked, valid } = group(images, classes, key);
        return { stacked, [COUNTED]: valid };
      },
      measure(state, feed) {
        const { images, classes, stacked } = feed as typeof feed & Real;
        const logits = run<tf.Tensor2D>(classifier, state, images).y;
        const scalars = { loss: crossEntropy(logits, classes), accuracy: accuracy(logits, classes) };
        return { ...scalars, ...(judge && { [MADE]: runUnet(merger, state, stacked as tf.Tensor4D) }) };
      },
    };

    return {
      name: model.name,
      built,
      spec,
      identity: identityOf(model),
      init(key) {
        const weights = initializeParts(smartParts(built), key);
        return { ...weights, slots: { ...nets.init(weights.params), ...judges?.init(weights.params) } };
      },
      step,
      check: (batch) => checkImages(batch, spec, 'smartAugmentation'),
      feed: (batch) => ({ images: imagesOf(batch, 'smartAugmentation'), classes: targetsOf(batch) }),
      evaluate: (_, batches, signal, compute) =>
        evaluateMade('smartAugmentation', spec, batches, { compute, judge, signal }, making),
      merged(weights, images, classes) {
        const { stacked, valid } = group(images, classes, fold(keyOf(0), tag('samples')));
        const rows = [...tf.split(stacked, count, 3), runUnet(merger, weights, stacked)];
        return { rows: rows as tf.Tensor4D[], valid };
      },
      options: shaping({ ...model.config, classifier: model.config.classifier.config }, learning),
      direction: (metric) => (metric === 'accuracy' ? 'max' : better(metric)),
    };
  };
}

/** The prefix keeps it apart from names of statistics, which are paths. */
const ACCURACY = '#accuracy';
const LIKENESS = '#likeness';
const MERGED = '#merged';
