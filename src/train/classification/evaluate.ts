/** Loss, accuracy, calibration and confusion of a classifier over a stream of batches. */
import type { Batch } from '../../core/index.js';
import { checkBatch, imagesOf, type Labeled, targetsOf } from '../loop/batch-tensors.js';
import { numberedAs } from '../loop/by-name.js';
import { measureOver } from '../loop/evaluate.js';
import { accuracy, crossEntropy } from '../losses/cross-entropy.js';
import { forward, type Network } from '../models/model.js';
import type { State, Tensors } from '../state/tensors.js';
import type { Task } from '../task.js';
import { Calibration, judged } from './calibration.js';
import { Confusion, ranked } from './confusion.js';

/** The tensors of a batch: images, and a row of class probabilities each. */
export function feed(batch: Parameters<Task['feed']>[0]): Labeled & Tensors {
  return { images: imagesOf(batch), targets: targetsOf(batch) };
}

/**
 * Mean loss (without smoothing), top-1 accuracy, top-5 accuracy where there are more than five classes, and expected
 * calibration error in inference mode; class by class, accuracy and what is taken for what. Classes are matched by
 * name: the images may be of some of the model's classes, in any order; a class that it does not know is refused.
 */
export async function evaluateClassifier(
  network: Network,
  state: Pick<State, 'params' | 'stats'>,
  batches: Parameters<Task['evaluate']>[1],
): ReturnType<Task['evaluate']> {
  const calibration = new Calibration();
  const confusion = new Confusion(network.classes);
  const measure = (given: Batch) => {
    const batch = numberedAs(given, network.classes, 'evaluation');
    checkBatch(batch, network, 'evaluation');
    const { images, targets } = feed(batch);
    const { logits } = forward(network, state, images);
    const means = { loss: crossEntropy(logits, targets), accuracy: accuracy(logits, targets) };
    return { ...means, judged: judged(logits, targets), ranked: ranked(logits, targets) };
  };
  const measured = await measureOver(batches, measure, {
    judged: (values) => calibration.add(values),
    ranked: (values) => confusion.add(values),
  });
  const { top5, byClass } = confusion;
  const more = { ...(top5 !== undefined && { top5 }), ece: calibration.error };
  return { ...measured, metrics: { ...measured.metrics, ...more }, byClass };
}
