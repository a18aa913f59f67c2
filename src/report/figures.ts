import type { TrainEvent, WeightsReport } from '../core/events.js';
import { RxaugError } from '../core/index.js';

/** The final figures of a training; accuracies, ECE and gap are in [0, 1]. */
export interface Figures {
  readonly [name: string]: unknown;
  readonly testAccuracy: number;
  readonly testLoss: number;
  /** Expected calibration error on the test images. */
  readonly testEce: number;
  /** Of training images without augmentation. */
  readonly trainAccuracy: number;
  readonly trainLoss: number;
  readonly gap: number;
  readonly steps: number;
  readonly seconds: number;
  /** Absent where nothing was trained, since the training was finished already. */
  readonly imagesPerSecond?: number;
  readonly parameters?: number;
  readonly backend?: string;
  readonly weights?: WeightsReport;
}

/**
 * The final figures of a training from its events, for tables and run stores: accuracy and loss on validation and
 * training images, their gap, calibration error, steps, seconds, weights.
 *
 * @param name of the training, for the error message
 * @param events all events of the training
 * @throws RxaugError if the training did not end, or was not measured on both validation and training images
 *
 * @example
 * const none = () => figuresOf('bare', []);
 * try { none(); } catch (error) { console.log((error as Error).message); } // → bare: ended without being measured; …
 */
export function figuresOf(name: string, events: readonly TrainEvent[]): Figures {
  const done = events.findLast((event) => event.kind === 'done');
  const start = events.find((event) => event.kind === 'start');
  const { clean, validation } = done ?? {};
  if (!done || !clean || !validation) {
    throw new RxaugError(
      `${name}: ended without being measured; give validation and trainEvaluation, and let it run to its end`,
    );
  }
  return {
    testAccuracy: validation.accuracy,
    testLoss: validation.loss,
    testEce: validation.ece,
    trainAccuracy: clean.accuracy,
    trainLoss: clean.loss,
    gap: clean.accuracy - validation.accuracy,
    steps: done.step,
    seconds: done.seconds,
    imagesPerSecond: done.imagesPerSecond,
    parameters: start?.parameters,
    backend: start?.backend,
    weights: done.weights,
  };
}
