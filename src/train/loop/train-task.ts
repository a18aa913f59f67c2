/**
 * The training loop of any task: pulls batches, steps, ends epochs, evaluates, saves and stops. The next batch is
 * requested before the step on the current one, so both run at the same time.
 */
import { existsSync } from 'node:fs';
import type { Observable } from 'rxjs';
import type { TrainEvent } from '../../core/events.js';
import { checkWritable } from '../../core/files/check-folder.js';
import { type Batch, messageOf, RxaugError } from '../../core/index.js';
import { pull, type Start } from '../../stream/demand.js';
import { epochs as repeat } from '../../stream/epochs.js';
import { type Preprocessing, preprocessingOf } from '../../stream/preprocessing.js';
import type { State } from '../state/tensors.js';
import type { Task, TaskFor } from '../task.js';
import { checkIsBatch, inputSpecOf } from './batch-tensors.js';
import { yieldToEventLoop } from './evaluate.js';
import { currentViewer, viewFirstStep } from './first-step.js';
import { startAt } from './position.js';
import { lastFile, resumeFrom } from './resume.js';
import { Session, type SessionOptions } from './session.js';

/** Options of `trainTask`. */
export interface RunOptions extends SessionOptions {
  readonly resume: boolean | string;
}

/** The result of `trainTask`: the task made for the images, and its last state. */
export interface Finished<T extends Task> {
  readonly task: T;
  /** The caller must dispose of it. */
  readonly state: State;
  /** Preprocessing of images. */
  readonly preprocessing: Preprocessing;
}

/**
 * Trains a task of your own: an initial state, a pure step and an evaluation, as `Task` describes. It pulls batches one at a
 * time, steps, ends epochs, evaluates, saves and stops; the next batch is rendered while the current one is trained on.
 *
 * @returns the task and its last state, whose tensors are yours; undefined if the signal came before the first batch
 * @throws RxaugError if the stream has no batch, a batch does not fit, or training diverges
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * await loadBackend('cpu');
 * const task = classification({ model: cnn({ filters: [4] }), optimizer: sgd() });
 * const options = { learningRate: 0.05, seed: 0, evaluateEvery: 1, resume: false, backend: 'cpu' };
 * const finished = await trainTask(images$, task, options, () => {}, new AbortController().signal);
 * console.log(finished?.task.name); // → cnn-4
 */
export async function trainTask<T extends Task>(
  batches: Observable<Batch>,
  taskFor: TaskFor<T>,
  given: RunOptions,
  emit: (event: TrainEvent) => void,
  signal: AbortSignal,
): Promise<Finished<T> | undefined> {
  const viewer = currentViewer();
  if (viewer) return viewFirstStep(batches, taskFor, given, viewer, signal);
  const { preprocessing, validation } = measuredOn(batches, given.validation);
  const options = { ...given, ...(validation && { validation }), preprocessing };
  if (options.checkpoint) checkWritable(options.checkpoint.dir); // before hours of training, not after
  const replaces = options.checkpoint !== undefined && existsSync(lastFile(options.checkpoint.dir));
  const resumed = await resumeFrom(taskFor, options);
  let session = resumed && new Session(resumed.task, options, emit, signal, resumed);
  const source = options.epochs === undefined ? batches : batches.pipe(repeat<Batch>(options.epochs));
  const queue = new BatchQueue(
    source,
    resumed && startAt(resumed.path, resumed.position, resumed.progress),
    signal,
  );
  let stepping = false;
  try {
    for (;;) {
      const from = performance.now();
      const next = await queue.take();
      const waitMs = performance.now() - from;
      if (next === 'aborted') break;
      let batch = next === 'ended' ? undefined : next;
      try {
        if (batch && !session) {
          session = new Session(
            taskFor(inputSpecOf(batch)),
            { ...options, ...epochsOf(batch) },
            emit,
            signal,
          );
          const sentence = startNotice(options, replaces);
          if (sentence) session.notice(sentence);
        }
        if (!session) throw nothing();
        if (batch) session.checkOrder(batch);
        if (!batch || session.isNextEpoch(batch)) await session.endEpoch({ final: !batch });
        if (!batch || session.stopping) break;
        queue.ask();
        const admitted = session.admit(batch);
        batch = undefined; // the session disposes of it
        stepping = true;
        await session.step(admitted, waitMs);
        stepping = false;
      } finally {
        batch?.dispose();
      }
      await yieldToEventLoop();
      if (session.stopping) break;
    }
    if (!session) {
      emit({
        kind: 'stopped',
        reason: 'aborted',
        step: 0,
        epoch: 0,
        message: 'stopped before the first step',
      });
      return undefined;
    }
    return { task: session.task as T, state: await session.finish(), preprocessing };
  } catch (error) {
    // A stream or an evaluation that fails costs no step; a step that fails leaves nothing worth saving.
    if (!stepping) await session?.keep();
    session?.dispose();
    throw error;
  } finally {
    queue.close();
  }
}

/** The notice of a training that begins at its first step: that there is no checkpoint to resume, or one to replace. */
function startNotice({ resume, checkpoint }: RunOptions, replaces: boolean): string | undefined {
  if (!checkpoint || typeof resume === 'string') return undefined;
  const file = lastFile(checkpoint.dir);
  if (resume) return `resume: there is no checkpoint at ${file}; training begins anew`;
  return replaces
    ? `checkpoint: ${file} of an earlier training will be replaced; resume: true continues it instead`
    : undefined;
}

/**
 * Preprocessing is read off the stream that the model is measured on, which has no augmentation; else off that of
 * training. A function that makes the stream is called no more often for it: the first evaluation gets what it made.
 */
function measuredOn(
  batches: Observable<Batch>,
  validation: RunOptions['validation'],
): { readonly preprocessing: Preprocessing; readonly validation?: RunOptions['validation'] } {
  if (!validation) return { preprocessing: preprocessingOf(batches, 'training') };
  if (typeof validation !== 'function') {
    return { preprocessing: preprocessingOf(validation, 'validation'), validation };
  }
  let made: Observable<Batch> | undefined;
  try {
    made = validation();
  } catch (error) {
    // The error is reported when the stream is needed.
    const unknown = `its validation stream cannot be made (${messageOf(error)})`;
    return { preprocessing: { of: 'validation', unknown }, validation };
  }
  const preprocessing = preprocessingOf(made, 'validation');
  const once = () => {
    const stream = made ?? validation();
    made = undefined;
    return stream;
  };
  return { preprocessing, validation: once };
}

function nothing(): RxaugError {
  return new RxaugError(
    'train: expected at least one batch but the stream ended; check the path and the filters of its source',
  );
}

/** Batches of a stream, requested one ahead. An abort ends the wait for a batch, so a slow stream does not delay Ctrl-C. */
class BatchQueue {
  private readonly stream;
  private asked: Promise<IteratorResult<Batch>> | undefined;

  constructor(
    source: Observable<Batch>,
    start: Start | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.stream = pull(source, { start });
  }

  ask(): void {
    if (this.asked) return;
    this.asked = this.stream.next();
    this.asked.catch(() => {}); // reported by `take`
  }

  async take(): Promise<Batch | 'ended' | 'aborted'> {
    if (this.signal.aborted) return 'aborted';
    this.ask();
    let stop: (() => void) | undefined;
    const abort = new Promise<'aborted'>((resolve) => {
      stop = () => resolve('aborted');
      this.signal.addEventListener('abort', stop, { once: true });
    });
    try {
      const result = await Promise.race([this.asked as Promise<IteratorResult<Batch>>, abort]);
      if (result === 'aborted') return result;
      this.asked = undefined;
      if (result.done) return 'ended';
      checkIsBatch(result.value);
      return result.value;
    } finally {
      this.signal.removeEventListener('abort', stop as () => void);
    }
  }

  close(): void {
    this.stream.cancel();
    // A batch that has come already is not used.
    this.asked?.then(
      (result) => !result.done && result.value.dispose(),
      () => {},
    );
  }
}

/** How long the stream says that training is, for the event of the start. */
function epochsOf({ origin: { epochs } }: Batch): { streamEpochs?: number } {
  return epochs !== undefined && Number.isFinite(epochs) ? { streamEpochs: epochs } : {};
}
