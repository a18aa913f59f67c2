/** Loss, accuracy, calibration and confusion of a classifier over a stream of batches. */
import { checkBatch, imagesOf, type Labeled, targetsOf } from '../loop/batch-tensors.js';
import { numberedAs } from '../loop/by-name.js';
import { measureOver } from '../loop/evaluate.js';
import { accuracy, crossEntropy } from '../losses/cross-entropy.js';
import { forward, type Network } from '../models/model.js';
import type { State, Tensors } from '../state/tensors.js';
import type { Compute, Measure, Task } from '../task.js';
import { Calibration, judged } from './calibration.js';
import { Confusion, ranked } from './confusion.js';

/** The tensors of a batch: images, and a row of class probabilities each. */
export function feed(batch: Parameters<Task['feed']>[0]): Labeled & Tensors {
  return { images: imagesOf(batch), targets: targetsOf(batch) };
}

/** What an evaluation computes of a batch, by the weights that `of` takes from the state. */
export function measureBy(network: Network, of: (state: State) => Weights): Measure {
  return (state, given) => {
    const { images, targets } = given as Labeled & Tensors;
    const { logits } = forward(network, of(state), images);
    const means = { loss: crossEntropy(logits, targets), accuracy: accuracy(logits, targets) };
    return { ...means, judged: judged(logits, targets), ranked: ranked(logits, targets) };
  };
}

type Weights = Pick<State, 'params' | 'stats'>;

/**
 * Mean loss (without smoothing), top-1 accuracy, top-5 accuracy where there are more than five classes, and expected
 * calibration error in inference mode; class by class, accuracy and what is taken for what. Classes are matched by
 * name: the images may be of some of the model's classes, in any order; a class that it does not know is refused.
 */
export async function evaluateClassifier(
  network: Network,
  measure: Measure,
  batches: Parameters<Task['evaluate']>[1],
  compute: Compute,
): ReturnType<Task['evaluate']> {
  const calibration = new Calibration();
  const confusion = new Confusion(network.classes);
  const measured = await measureOver(batches, {
    feed(given) {
      const batch = numberedAs(given, network.classes, 'evaluation');
      checkBatch(batch, network, 'evaluation');
      return feed(batch);
    },
    ...{ measure, compute },
    gather: {
      judged: (values) => calibration.add(values),
      ranked: (values) => confusion.add(values),
    },
  });
  const { top5, byClass } = confusion;
  const more = { ...(top5 !== undefined && { top5 }), ece: calibration.error };
  return { ...measured, metrics: { ...measured.metrics, ...more }, byClass };
}
