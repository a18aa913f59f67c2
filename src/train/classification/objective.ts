/**
 * A classifier's loss on one batch, with all that can be in it: smoothed targets, entropy with either sign, a
 * teacher, R-Drop's second pass, manifold mixup, and what layers add.
 */

import type { z } from 'zod';
import { classDifference, fold, matchClasses, nameSome, tag, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Labeled } from '../loop/batch-tensors.js';
import { accuracy, crossEntropy } from '../losses/cross-entropy.js';
import { distillation, symmetricDivergence } from '../losses/divergence.js';
import { entropy } from '../losses/entropy.js';
import { smoothLabels } from '../losses/label-smoothing.js';
import { type Forward, forward, type Mode, type Network } from '../models/model.js';
import { scheduledNumber } from '../ops/scheduled.js';
import type { State, Tensors } from '../state/tensors.js';
import type { StepContext } from '../task.js';
import { drawMixing, type Mixing, mixed, mixingPlaces } from './manifold-mixup.js';
import type { objectiveOptions } from './options.js';

/** A network that teaches; it is only read. */
export interface Teacher {
  readonly network: Network;
  /** Its parameters and running statistics for inference. */
  readonly weights: Pick<State, 'params' | 'stats'>;
}

export type ObjectiveOptions = z.output<typeof objectiveOptions> & {
  readonly teacher?: Teacher;
  /** Paths of the layers whose running statistics stay. */
  readonly frozenLayers?: ReadonlySet<string>;
};

export interface Objective {
  readonly loss: tf.Scalar;
  /** Running statistics that the pass moved, and the accuracy under ACCURACY. */
  readonly aux: Tensors;
}

/** Beside the names of running statistics, which are paths. */
export const ACCURACY = '#accuracy';

/** The loss of a state on a batch; it is called inside `tf.tidy`, and with a gradient's tape around it. */
export function objectiveOf(network: Network, options: ObjectiveOptions) {
  const { labelSmoothing, manifoldMixup, rDrop, distill, teacher, frozenLayers } = options;
  const { entropyMinimization, confidencePenalty } = options;
  const places = manifoldMixup && mixingPlaces(manifoldMixup.layers, network.layers);
  const order = teacher && logitsOrder(network, teacher.network);

  return (
    weights: Pick<State, 'params' | 'stats'>,
    { images: own, targets: hard }: Labeled,
    { key, progress }: StepContext,
  ): Objective => {
    const mixing = places && drawMixing(places, manifoldMixup.alpha, key);
    const images = mixing?.at === 'input' ? mixed(own, mixing) : own;
    const targets = mixing ? mixed(hard, mixing) : hard;
    const mode: Mode = {
      training: true,
      key,
      progress,
      frozen: frozenLayers,
      ...(mixing && { visit: mixingAt(mixing) }),
    };
    const first = forward(network, weights, images, mode);
    const passes: Forward[] = [first];
    if (rDrop > 0) passes.push(forward(network, weights, images, { ...mode, key: fold(key, tag('r-drop')) }));

    const wanted = smoothLabels(targets, labelSmoothing, progress);
    const soft = distill && teacher && softened({ ...teacher, order }, own, distill.temperature, mixing);
    const terms = passes.flatMap(({ logits, losses }): tf.Tensor[] => {
      const hardLoss = crossEntropy(logits, wanted);
      const pieces: tf.Tensor[] = [hardLoss];
      if (distill && soft) {
        pieces[0] = tf.mul(hardLoss, 1 - distill.weight);
        pieces.push(tf.mul(distillation(logits, soft, distill.temperature), distill.weight));
      }
      if (entropyMinimization !== 0)
        pieces.push(tf.mul(entropy(logits), scheduledNumber(entropyMinimization, progress)));
      if (confidencePenalty !== 0)
        pieces.push(
          tf.mul(
            entropy(logits),
            scheduledNumber(confidencePenalty, progress, (beta) => -beta),
          ),
        );
      pieces.push(...losses);
      return passes.length === 1 ? pieces : pieces.map((piece) => tf.mul(piece, 1 / passes.length));
    });
    if (passes.length > 1) {
      terms.push(tf.mul(symmetricDivergence(passes[0].logits, passes[1].logits), rDrop));
    }
    return {
      loss: (terms.length === 1 ? terms[0] : tf.addN(terms)) as tf.Scalar,
      aux: { ...first.updates, [ACCURACY]: accuracy(first.logits, targets) },
    };
  };
}

function mixingAt(mixing: Mixing): Mode['visit'] {
  return (path, y) => (path === mixing.at ? mixed(y, mixing) : y);
}

/** The teacher's probabilities at a temperature, in the student's order of classes, mixed as the targets are. */
function softened(
  { network, weights, order }: Teacher & { readonly order?: number[] },
  images: tf.Tensor,
  temperature: number,
  mixing?: Mixing,
) {
  const { logits } = forward(network, weights, images);
  const own = order ? tf.gather(logits, tf.tensor1d(order, 'int32'), 1) : logits;
  const soft = tf.softmax(tf.div(own, temperature)) as tf.Tensor2D;
  return mixing ? mixed(soft, mixing) : soft;
}

/**
 * Which logit of the teacher belongs to each class of the student; undefined where it is the same one. The teacher
 * must know the same classes, by name; their order may be another.
 */
function logitsOrder(student: Network, teacher: Network): number[] | undefined {
  const match = matchClasses(student.classes, teacher.classes);
  if (match.unknown.length > 0 || match.missing.length > 0) {
    throw new UsageError(
      `distill: expected a teacher of the classes of the data (${nameSome(student.classes)}) but ${teacher.name} ${classDifference(matchClasses(teacher.classes, student.classes))}; use a teacher trained on the same classes`,
    );
  }
  if (teacher.input.join() !== student.input.join()) {
    throw new UsageError(
      `distill: the teacher takes images of ${teacher.input.join('×')} and not ${student.input.join('×')}; resize the images, or train a teacher on these`,
    );
  }
  return match.same ? undefined : [...match.numbers];
}
