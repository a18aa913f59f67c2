/** Schedules advance with the progress of training, and a stream without an end has none. */
import { type Batch, neverAdvances, RxaugError, scheduleIn, UsageError } from '../../core/index.js';

interface Scheduling {
  /** The learning rate, and what else shapes training, as plain JSON. */
  readonly shaping: object;
  /** Passes that the trainer was given. */
  readonly epochs?: number;
}

/** Refuses, before the first step, schedules on a stream that says it has no end. */
export function checkEnds({ shaping, epochs }: Scheduling, { origin }: Batch): void {
  if (epochs !== undefined || origin.epochs !== Number.POSITIVE_INFINITY) return;
  const found = scheduleIn(shaping);
  if (found !== undefined) throw new UsageError(neverAdvances(`train: ${found}`));
}

/** Refuses, once it shows, a stream that never said how long training is. */
export function checkAdvances({ shaping }: Scheduling, { epoch, progress }: Batch): void {
  if (epoch === 0 || progress > 0) return;
  const found = scheduleIn(shaping);
  if (found === undefined) return;
  throw new RxaugError(
    `train: ${found} is a schedule but the stream does not know how long training is; give epochs to train() or to the source`,
  );
}
