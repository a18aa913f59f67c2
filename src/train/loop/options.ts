/**
 * Options of every training that do not depend on the model, and the conversion of a task to a stream of events.
 */
import { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import { type Batch, UsageError } from '../../core/index.js';
import { BACKEND_REQUESTS, type Backend } from '../backends/backend.js';
import { learningRateSchema } from '../optimizers/learning-rate.js';
import { disposeState } from '../state/tensors.js';
import type { Task, TaskFor } from '../task.js';
import { earlyStoppingOptions } from './early-stopping.js';
import type { Batches } from './evaluate.js';
import type { SessionOptions } from './session.js';
import { type Finished, trainTask } from './train-task.js';

export const batchesSchema = z.custom<Batches>(
  (value) => typeof value === 'function' || value instanceof Observable,
  'expected a stream of batches or a function that returns one',
);

export const runningOptions = z.strictObject({
  /** Number of epochs, in place of that of the source; default: as many as the stream has. */
  epochs: z.int().min(1).optional(),
  learningRate: learningRateSchema,
  /**
   * Validation batches, evaluated after epochs: a stream of one pass, or a function that returns one. Classes are matched
   * by name: there may be fewer, in any order; one that the model does not know is refused.
   */
  validation: batchesSchema.optional(),
  /** Training images without augmentation, by which `gap` is computed; default: the metrics of the training steps. */
  trainEvaluation: batchesSchema.optional(),
  /** Epochs between two evaluations. */
  evaluateEvery: z.int().min(1).default(1),
  earlyStopping: earlyStoppingOptions.optional(),
  /** Folder of last.ckpt, written after each epoch, on stopping and every `every` steps; and of best.ckpt, with early stopping. */
  checkpoint: z.strictObject({ dir: z.string().min(1), every: z.int().min(1).optional() }).optional(),
  /**
   * true: resumes from last.ckpt in that folder, or starts anew with a notice if there is none; or the path of a
   * checkpoint. The stream continues at the next sample, also with other batches. Changes of data, batches, epochs and
   * learning rate are reported in one line, a `notice` event, or refused: see docs/resuming.md.
   */
  resume: z.union([z.boolean(), z.string().min(1)]).default(false),
  /** Seed of the initial weights and of all noise in the network. */
  seed: z.int().min(0).default(0),
  backend: z.enum(BACKEND_REQUESTS).default('auto'),
  /**
   * Whether steps are traced once and compiled as one graph. 'auto': where the backend can, and a step that cannot be
   * compiled runs as it is, which a notice says; true: such a step is an error; false: never.
   */
  compile: z.union([z.boolean(), z.literal('auto')]).default('auto'),
  /**
   * How matrix products and convolutions are computed on the backend 'xla': in float32, in float32 as the device does it at
   * its quickest ('tensorfloat32'), or on operands in bfloat16; sums and all else are float32. Other backends know float32.
   */
  precision: z.enum(['float32', 'tensorfloat32', 'bfloat16']).default('float32'),
  /** Stops training after the current step. */
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal, 'expected an AbortSignal')
    .optional(),
});
export type Running = z.output<typeof runningOptions>;

export function checkRunning(owner: string, { earlyStopping, validation }: Running): void {
  if (!earlyStopping || validation) return;
  throw new UsageError(
    `${owner}: earlyStopping: expected validation batches but received none; give validation too`,
  );
}

/** Trains a task until its stream, the options' signal or `stop` ends it. */
export async function runTask<T extends Task>(
  batches$: Observable<Batch>,
  task: TaskFor<T>,
  { backend: request, signal, ...options }: Running & Pick<SessionOptions, 'watch'>,
  backend: Backend,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
): Promise<Finished<T> | undefined> {
  const abort = () => stop.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await trainTask(
      batches$,
      task,
      {
        ...options,
        backend: backend.name,
        backendWhy: backend.why,
        fallback: request === 'auto' && ['wasm', 'cpu'].includes(backend.name),
      },
      emit,
      stop.signal,
    );
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** A training as an Observable of events. Subscribing starts it, unsubscribing aborts it; its tensors are disposed of. */
export function trainingEvents<T extends Task>(
  start: (emit: (event: TrainEvent) => void, stop: AbortController) => Promise<Finished<T> | undefined>,
): Observable<TrainEvent> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    start((event) => subscriber.next(event), stop).then(
      (finished) => {
        if (finished) disposeState(finished.state);
        subscriber.complete();
      },
      (error) => subscriber.error(error),
    );
    return () => stop.abort();
  });
}
