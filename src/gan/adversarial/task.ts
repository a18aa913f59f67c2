/**
 * The GAN's task. One step cuts its batch into as many parts as the critic has steps, so that the critic sees every
 * real image once; after the last of them the generator makes one step of its own. Both, and all that they remember,
 * are one state. Noise, places on lines and augmentation are the step's key's.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { type Batch, expected, fold, type Key, RxaugError, tag } from '../../core/index.js';
import { imagesOf, targetsOf } from '../../train/feed.js';
import { valueAndGradient } from '../../train/gradient.js';
import { crossEntropy } from '../../train/losses/cross-entropy.js';
import { normal } from '../../train/ops/noise.js';
import { type emaOptions, moveAverage, startAverage } from '../../train/optimizers/ema.js';
import type { Stepped, Task, TaskFor } from '../../train/task.js';
import type { State, Tensors } from '../../train/tensors.js';
import { checkImages } from '../images.js';
import type { Judge } from '../judge/judge.js';
import { type LearnerOptions, learner } from '../learner.js';
import { initialiseParts, run, type Weights } from '../part.js';
import { type adaOptions, moveAda, probabilityOf, startAda } from './ada.js';
import { criticise, criticParts } from './critic.js';
import { augmented, type DiffAugment, drawAugments } from './diff-augment.js';
import { evaluateGan } from './evaluate.js';
import { type BuiltGan, buildGan, type GanModel } from './gan.js';
import { between, criticLoss, generatorLoss, gradientPenalty } from './losses.js';

export interface AdversarialOptions extends LearnerOptions {
  readonly model: GanModel;
  readonly criticSteps: number;
  /** The critic's learning rate over the generator's. */
  readonly criticRate: number;
  /** λ of the gradient penalty; 0: none. */
  readonly gradientPenalty: number;
  readonly augment?: {
    readonly ops: readonly DiffAugment[];
    readonly adaptive?: z.output<typeof adaOptions>;
  };
  readonly ema?: z.output<typeof emaOptions>;
  readonly judge?: Judge;
}

export interface AdversarialTask extends Task {
  readonly built: BuiltGan;
}

interface Minibatch {
  readonly images: tf.Tensor4D;
  readonly classes: tf.Tensor2D;
  readonly key: Key;
}

export function adversarial(options: AdversarialOptions): TaskFor<AdversarialTask> {
  const { model, criticSteps, criticRate, augment, ema, judge } = options;
  const { loss: kind, latent } = model.config;

  return (look) => {
    const built = buildGan(model, look);
    const { generator, critic } = built;
    const generates = learner('generator', [generator], options);
    const criticises = learner('critic', criticParts(critic), options);
    const averaged = ({ params, stats }: Weights): Weights => ({
      params: own(params, 'generator/'),
      stats: own(stats, 'generator/'),
    });

    const init: Task['init'] = (key) => {
      const weights = initialiseParts([generator, ...criticParts(critic)], key);
      const slots = {
        ...generates.init(weights.params),
        ...criticises.init(weights.params),
        ...(augment?.adaptive && startAda()),
        ...(ema && { [STEPS]: tf.scalar(0), ...startAverage(averaged(weights)) }),
      };
      return { ...weights, slots };
    };

    /** Images of some classes as in training, and the statistics that batch norm moved. */
    const generate = (weights: Weights, { classes, key }: Minibatch) => {
      const noise = normal(fold(key, tag('noise')), [classes.shape[0], latent]);
      const { y, updates } = run<tf.Tensor4D>(generator, weights, noise, {
        training: true,
        key,
        condition: classes,
      });
      return { images: y, updates };
    };

    const seen = (images: tf.Tensor4D, key: Key, slots: Tensors): tf.Tensor4D => {
      if (!augment) return images;
      const p = augment.adaptive ? probabilityOf(slots) : 1;
      return augmented(images, drawAugments(key, images.shape, augment.ops, p));
    };

    const criticStep = (state: State, part: Minibatch, learningRate: tf.Scalar) => {
      const { images, classes, key } = part;
      const size = images.shape[0];
      const fake = seen(generate(state, part).images, fold(key, tag('fake')), state.slots);
      const real = seen(images, fold(key, tag('real')), state.slots);
      const params = criticises.own(state);
      const { gradients, loss, aux } = valueAndGradient(() => {
        const weights = { params, stats: state.stats };
        const both = { images: tf.concat([real, fake]), classes: tf.concat([classes, classes]) };
        const { score, logits, updates } = criticise(critic, weights, both.images, both.classes, {
          training: true,
        });
        const [ofReal, ofFake] = tf.split(score, 2) as tf.Tensor1D[];
        const terms: tf.Scalar[] = [criticLoss(kind, ofReal, ofFake)];
        const extra: Record<string, tf.Tensor> = {};
        if (options.gradientPenalty > 0) {
          const at = between(real, fake, fold(key, tag('between')));
          const penalty = gradientPenalty((x) => criticise(critic, weights, x, classes).score, at);
          extra[PENALTY] = penalty;
          terms.push(tf.mul(penalty, options.gradientPenalty));
        }
        if (logits) {
          const own = tf.slice(logits, [0, 0], [size, -1]) as tf.Tensor2D; // of real images alone
          terms.push(crossEntropy(own, classes));
        }
        return {
          loss: tf.addN(terms) as tf.Scalar,
          aux: { ...updates, ...extra, [REAL]: ofReal, [FAKE]: tf.mean(ofFake) },
        };
      }, params);
      const { [REAL]: ofReal, [FAKE]: ofFake, [PENALTY]: penalty, ...updates } = aux;
      const { state: moved, norm } = criticises.learn(state, gradients, tf.mul(learningRate, criticRate));
      const ada = augment?.adaptive && moveAda(state.slots, ofReal as tf.Tensor1D, augment.adaptive);
      return {
        state: { ...moved, stats: { ...moved.stats, ...updates }, slots: { ...moved.slots, ...ada } },
        norm,
        metrics: {
          loss,
          real: tf.mean(ofReal),
          fake: ofFake,
          ...(penalty && { penalty }),
        },
      };
    };

    const generatorStep = (state: State, part: Minibatch, learningRate: tf.Scalar) => {
      const params = generates.own(state);
      const { gradients, loss, aux } = valueAndGradient(() => {
        const weights = { params: { ...state.params, ...params }, stats: state.stats };
        const { images, updates } = generate(weights, part);
        const shown = seen(images, fold(part.key, tag('shown')), state.slots);
        const { score, logits } = criticise(critic, weights, shown, part.classes);
        const terms: tf.Scalar[] = [generatorLoss(score)];
        if (logits) terms.push(crossEntropy(logits, part.classes));
        return { loss: tf.addN(terms) as tf.Scalar, aux: updates };
      }, params);
      const { state: moved, norm } = generates.learn(state, gradients, learningRate);
      return { state: { ...moved, stats: { ...moved.stats, ...aux } }, loss, norm };
    };

    const step: Task['step'] = (state, feed, { key }): Stepped => {
      const { learningRate, images, classes } = feed as typeof feed & {
        images: tf.Tensor4D;
        classes: tf.Tensor2D;
      };
      const reals = tf.split(images, criticSteps) as tf.Tensor4D[];
      const kinds = tf.split(classes, criticSteps) as tf.Tensor2D[];
      let now = state;
      let metrics: Record<string, tf.Tensor> = {};
      let norm = tf.scalar(0) as tf.Scalar;
      for (let i = 0; i < criticSteps; i++) {
        const part = { images: reals[i], classes: kinds[i], key: fold(key, tag('critic'), i) };
        const stepped = criticStep(now, part, learningRate);
        ({ state: now, metrics } = stepped); // those of the last are told
        norm = tf.add(norm, stepped.norm);
      }
      const part = { images: reals[0], classes: kinds[0], key: fold(key, tag('generator')) };
      const { state: moved, loss, norm: own } = generatorStep(now, part, learningRate);
      metrics.generator = loss;
      // Not a number as soon as anything in the step is none.
      metrics.gradientNorm = tf.add(norm, own);
      if (augment?.adaptive) metrics.augment = probabilityOf(moved.slots).clone();
      if (!ema) return { state: moved, metrics };
      const time = tf.add(state.slots[STEPS], 1) as tf.Scalar;
      const averages = moveAverage(state.slots, averaged(moved), time, ema);
      return { state: { ...moved, slots: { ...moved.slots, [STEPS]: time, ...averages } }, metrics };
    };

    return {
      name: model.name,
      built,
      look,
      identity: { task: 'gan', model: model.config, adaptive: augment?.adaptive !== undefined },
      init,
      step,
      check(batch) {
        checkImages(batch, look, 'gan');
        checkDivides(batch, criticSteps);
      },
      feed: (batch) => ({ images: imagesOf(batch, 'gan'), classes: targetsOf(batch) }),
      evaluate: (state, batches) => evaluateGan(built, state, batches, judge),
      direction: (metric) =>
        ['precision', 'recall', 'diversity', 'accuracy'].includes(metric) ? 'max' : 'min',
    };
  };
}

const STEPS = '#steps';
/** Beside names of statistics, which are paths. */
const REAL = '#real';
const FAKE = '#fake';
const PENALTY = '#penalty';

function own(tensors: Tensors, prefix: string): Tensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith(prefix)));
}

function checkDivides(batch: Batch, criticSteps: number): void {
  if (batch.size % criticSteps === 0) return;
  throw new RxaugError(
    expected(
      'gan',
      `batches that ${criticSteps} critic steps divide`,
      batch.size,
      `use batch(${Math.max(1, Math.round(batch.size / criticSteps)) * criticSteps}, { dropLast: true })`,
    ),
  );
}
