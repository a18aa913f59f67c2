/** What a training came to, as experiments keep it beside other trainings: the figures of its end, from its events. */
import type { TrainEvent, WeightsReport } from '../core/events.js';
import { RxaugError } from '../core/index.js';

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
  readonly imagesPerSecond: number;
  readonly parameters?: number;
  readonly backend?: string;
  readonly weights?: WeightsReport;
}

/** `name` is for the error where it ended without being measured on both. */
export function figuresOf(name: string, events: readonly TrainEvent[]): Figures {
  const done = events.findLast((event) => event.kind === 'done');
  const start = events.find((event) => event.kind === 'start');
  const { clean, validation } = done ?? {};
  if (!done || !clean || !validation) {
    throw new RxaugError(
      `${name}: ended without being measured; give validation and clean, and let it come to its end`,
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
