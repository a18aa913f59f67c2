import type { z } from 'zod';
import { type Batch, expected, fold, type Key, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { crossEntropy } from '../../train/losses/cross-entropy.js';
import type { Mode } from '../../train/models/model.js';
import { type emaOptions, moveAverage, startAverage } from '../../train/optimizers/ema.js';
import { renamed } from '../../train/optimizers/sgd.js';
import { valueAndGradient } from '../../train/state/gradient.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import type { Stepped, Task } from '../../train/task.js';
import { type LearnerOptions, learner } from '../learner.js';
import { initializeParts, type Part, type Weights } from '../part.js';
import { type adaOptions, moveAda, probabilityOf, startAda } from './ada.js';
import type { Critique } from './critic.js';
import { augmented, type DiffAugment, drawAugments } from './diff-augment.js';
import { classMismatchLoss, type Guide, guideParts, guideStep } from './guide.js';
import { type AdversarialLoss, between, criticLoss, generatorLoss, gradientPenalty } from './losses.js';

export interface AdversarialTraining extends LearnerOptions {
  readonly criticSteps: number;
  /** The critic's learning rate divided by the generator's. */
  readonly criticRate: number;
  /** Weight λ of the gradient penalty; 0 turns it off. */
  readonly gradientPenalty: number;
  readonly augment?: {
    readonly ops: readonly DiffAugment[];
    readonly adaptive?: z.output<typeof adaOptions>;
  };
  /** Moving average of the generator's weights. */
  readonly ema?: z.output<typeof emaOptions>;
}

/** Inputs of one critic or generator step. */
export interface Minibatch {
  readonly real: tf.Tensor4D;
  /** [B, …]: one row for each real image, and for the image generated in its place. */
  readonly companion: tf.Tensor;
  /** Targets [B, K]. */
  readonly classes: tf.Tensor2D;
  /** [B]: 1 for rows that count, 0 for others; absent: all rows count. */
  readonly valid?: tf.Tensor1D;
}

/** What the critic and the generator know about images. */
export type Known = Pick<Minibatch, 'companion' | 'classes'>;

export interface Generated {
  readonly images: tf.Tensor4D;
  /** Running statistics that the pass updated. */
  readonly updates: Tensors;
  /** Cross-entropy of the class predicted from the codes, for a guide; it is weighted by the guide's λ. */
  codes?(): tf.Scalar;
}

export interface Adversaries {
  readonly loss: AdversarialLoss;
  readonly generator: readonly Part[];
  readonly critic: readonly Part[];
  readonly guide?: Guide;
  /** Real images of a part of the batch, with their companions. */
  prepare(images: tf.Tensor4D, classes: tf.Tensor2D, key: Key): Minibatch;
  /** Generates images in training mode. */
  generate(weights: Weights, known: Known, key: Key): Generated;
  criticise(weights: Weights, images: tf.Tensor, known: Known, mode?: Mode): Critique;
}

/**
 * Initialization and step of a generator trained against a critic. A step splits its batch into `criticSteps` parts and
 * makes one critic step on each, so the critic sees every real image once; then it makes one generator step. Each image
 * has a companion that both networks may use: its class, or another image. A guide, if there is one, learns from the real
 * images of the critic's steps. All parts and their slots form one state. Noise, interpolation and augmentation are drawn
 * from the key of the step.
 */
export function adversarialTask(
  adversaries: Adversaries,
  options: AdversarialTraining,
): Pick<Task, 'init' | 'step'> {
  const { criticSteps, criticRate, augment, ema } = options;
  const { loss: kind, generator, critic, guide, prepare, generate, criticise } = adversaries;
  const generates = learner('generator', generator, options);
  const criticises = learner('critic', critic, options);
  const guides = learner('guide', guideParts(guide), options);
  const names = new Set(
    generator.flatMap(({ params, stats }) => [...params, ...stats].map(({ name }) => name)),
  );
  const averaged = ({ params, stats }: Weights): Weights => ({
    params: only(params, names),
    stats: only(stats, names),
  });

  const init: Task['init'] = (key) => {
    const weights = initializeParts([...generator, ...critic, ...guideParts(guide)], key);
    const slots = {
      ...generates.init(weights.params),
      ...criticises.init(weights.params),
      ...guides.init(weights.params),
      ...(augment?.adaptive && startAda()),
      ...(ema && { [STEPS]: tf.scalar(0), ...startAverage(averaged(weights)) }),
    };
    return { ...weights, slots };
  };

  const seen = (images: tf.Tensor4D, key: Key, slots: Tensors): tf.Tensor4D => {
    if (!augment) return images;
    const p = augment.adaptive ? probabilityOf(slots) : 1;
    return augmented(images, drawAugments(key, images.shape, augment.ops, p));
  };

  const criticStep = (state: State, given: Minibatch, key: Key, learningRate: tf.Scalar) => {
    const { companion, classes, valid } = given;
    const made = generate(state, given, key).images;
    const fake = seen(made, fold(key, tag('fake')), state.slots);
    const real = seen(given.real, fold(key, tag('real')), state.slots);
    const params = criticises.own(state);
    const { gradients, loss, aux } = valueAndGradient(() => {
      const weights = { params, stats: state.stats };
      const both = { companion: twice(companion), classes: twice(classes) };
      const { score, logits, updates } = criticise(weights, tf.concat([real, fake]), both, {
        training: true,
      });
      const [ofReal, ofFake] = tf.split(score, 2) as tf.Tensor1D[];
      const terms: tf.Scalar[] = [criticLoss(kind, ofReal, ofFake, valid)];
      const reported: Record<string, tf.Tensor> = { real: ofReal, fake: tf.mean(ofFake) };
      if (options.gradientPenalty > 0) {
        const at = between(real, fake, fold(key, tag('between')));
        const penalty = gradientPenalty((x) => criticise(weights, x, given).score, at, valid);
        reported.penalty = penalty;
        terms.push(tf.mul(penalty, options.gradientPenalty));
      }
      // The auxiliary classifier learns from real images only.
      if (logits) terms.push(crossEntropy(tf.split(logits, 2)[0] as tf.Tensor2D, classes));
      return {
        loss: tf.addN(terms) as tf.Scalar,
        aux: { ...updates, ...renamed(reported, asReport) },
      };
    }, params);
    const { reported, updates } = separate(aux);
    const rate = tf.mul(learningRate, criticRate) as tf.Scalar;
    const { state: learned, norm } = criticises.learn(state, gradients, rate);
    const taught = guide && guideStep(guide, guides, learned, real, classes, rate);
    const moved = taught?.state ?? learned;
    const ada = augment?.adaptive && moveAda(state.slots, reported.real as tf.Tensor1D, augment.adaptive);
    return {
      state: { ...moved, stats: { ...moved.stats, ...updates }, slots: { ...moved.slots, ...ada } },
      norm: taught ? tf.add(norm, taught.norm) : norm,
      metrics: { loss, ...reported, real: tf.mean(reported.real), ...(taught && { guide: taught.loss }) },
    };
  };

  const generatorStep = (state: State, given: Minibatch, key: Key, learningRate: tf.Scalar) => {
    const { classes, valid } = given;
    const params = generates.own(state);
    const { gradients, aux } = valueAndGradient(() => {
      const weights = { params: { ...state.params, ...params }, stats: state.stats };
      const { images, updates, codes } = generate(weights, given, key);
      const shown = seen(images, fold(key, tag('shown')), state.slots);
      const { score, logits } = criticise(weights, shown, given);
      const terms: tf.Scalar[] = [generatorLoss(score, valid)];
      if (logits) terms.push(crossEntropy(logits, classes));
      const own = tf.addN(terms) as tf.Scalar;
      if (!guide) return { loss: own, aux: { ...updates, [asReport('generator')]: own } };
      const asked = {
        ...(codes && { codes: codes() }),
        guided: classMismatchLoss(guide, weights, shown, classes),
      };
      return {
        loss: tf.add(own, tf.mul(tf.addN(Object.values(asked)), guide.guidance)) as tf.Scalar,
        aux: { ...updates, ...renamed({ generator: own, ...asked }, asReport) },
      };
    }, params);
    const { state: moved, norm } = generates.learn(state, gradients, learningRate);
    const { reported, updates } = separate(aux);
    return {
      state: { ...moved, stats: { ...moved.stats, ...updates } },
      norm,
      metrics: reported,
    };
  };

  const step: Task['step'] = (state, feed, { key }): Stepped => {
    const { learningRate } = feed;
    const images = tf.split(feed.images, criticSteps) as tf.Tensor4D[];
    const classes = tf.split(feed.classes, criticSteps) as tf.Tensor2D[];
    let now = state;
    let metrics: Record<string, tf.Tensor> = {};
    let norm = tf.scalar(0);
    for (let i = 0; i < criticSteps; i++) {
      const own = fold(key, tag('critic'), i);
      const stepped = criticStep(now, prepare(images[i], classes[i], own), own, learningRate);
      ({ state: now, metrics } = stepped); // reports the metrics of the last critic step
      norm = tf.add(norm, stepped.norm);
    }
    const own = fold(key, tag('generator'));
    const made = generatorStep(now, prepare(images[0], classes[0], own), own, learningRate);
    Object.assign(metrics, made.metrics);
    // NaN as soon as any gradient of the step is NaN.
    metrics.gradientNorm = tf.add(norm, made.norm);
    const moved = made.state;
    if (augment?.adaptive) metrics.augment = probabilityOf(moved.slots).clone();
    if (!ema) return { state: moved, metrics };
    const time = tf.add(state.slots[STEPS], 1) as tf.Scalar;
    const averages = moveAverage(state.slots, averaged(moved), time, ema);
    return { state: { ...moved, slots: { ...moved.slots, [STEPS]: time, ...averages } }, metrics };
  };

  return { init, step };
}

const STEPS = '#steps';
/** The prefix keeps reported metrics apart from updated statistics, whose names are paths. */
const asReport = (name: string) => `#${name}`;

function separate(aux: Tensors): { reported: Tensors; updates: Tensors } {
  const reported: Record<string, tf.Tensor> = {};
  const updates: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(aux)) {
    if (name.startsWith('#')) reported[name.slice(1)] = tensor;
    else updates[name] = tensor;
  }
  return { reported, updates };
}

const twice = <T extends tf.Tensor>(x: T): T => tf.concat([x, x]) as T;

function only(tensors: Tensors, names: ReadonlySet<string>): Tensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => names.has(name)));
}

export function checkDivides(batch: Batch, criticSteps: number, owner: string): void {
  if (batch.size % criticSteps === 0) return;
  throw new RxaugError(
    expected(
      owner,
      `a batch size that is a multiple of criticSteps (${criticSteps})`,
      batch.size,
      `use batch(${Math.max(1, Math.round(batch.size / criticSteps)) * criticSteps}, { dropLast: true })`,
    ),
  );
}
