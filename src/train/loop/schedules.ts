/** Refuses schedules that cannot advance: a stream without an end has no progress. */
import { type Batch, neverAdvances, RxaugError, scheduleIn, UsageError } from '../../core/index.js';
import type { Task } from '../task.js';

interface Scheduling {
  /** The learning rate and other options of training, as plain JSON. */
  readonly shaping: object;
  /** The option `epochs` of the trainer. */
  readonly epochs?: number;
}

/** Where a training may have schedules. */
export function schedulingOf(
  task: Pick<Task, 'options'>,
  { learningRate, epochs }: { readonly learningRate: unknown; readonly epochs?: number },
): Scheduling {
  return { shaping: { learningRate, ...task.options }, epochs };
}

/** Refuses schedules on an endless stream, before the first step. */
export function checkEnds({ shaping, epochs }: Scheduling, { origin }: Batch): void {
  if (epochs !== undefined || origin.epochs !== Number.POSITIVE_INFINITY) return;
  const found = scheduleIn(shaping);
  if (found !== undefined) throw new UsageError(neverAdvances(`train: ${found}`));
}

/** Refuses schedules once a second epoch shows that the stream does not know its length. */
export function checkAdvances({ shaping }: Scheduling, { epoch, progress }: Batch): void {
  if (epoch === 0 || progress > 0) return;
  const found = scheduleIn(shaping);
  if (found === undefined) return;
  throw new RxaugError(
    `train: ${found} is a schedule but the stream does not know how long training is; give epochs to train() or to the source`,
  );
}
