/** A training that is looked at in place of being run: it stops before its first step and hands out what that would be. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Observable } from 'rxjs';
import { type Batch, fold, keyOf, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { pull } from '../../stream/demand.js';
import { epochs as repeat } from '../../stream/epochs.js';
import { learningRateAt } from '../optimizers/learning-rate.js';
import { disposeState, type State } from '../state/tensors.js';
import type { StepContext, Task, TaskFor } from '../task.js';
import { checkIsBatch, inputSpecOf } from './batch-tensors.js';
import { numberedAs } from './by-name.js';
import { firstState } from './first-state.js';
import type { Feed } from './one-step.js';
import { checkAdvances, checkEnds, schedulingOf } from './schedules.js';
import type { SessionOptions } from './session.js';

/** The first step of a training. Tensors are freed when the function that sees them returns. */
export interface FirstStep {
  readonly task: Task;
  readonly state: State;
  readonly feed: Feed;
  readonly context: StepContext;
  /** Images of the batch. */
  readonly images: number;
  readonly backend: string;
}

/** Sees the first step. */
export type Viewer = (first: FirstStep) => void;

const viewers = new AsyncLocalStorage<Viewer>();

/**
 * Calls a function within which no training trains: the first batch of each is made a first step of, which the viewer
 * sees, and then the training ends with an error. No checkpoint is read or written.
 */
export const viewingFirstStep = <T>(viewer: Viewer, f: () => T): T => viewers.run(viewer, f);

/** The viewer of the function that is running, if it is in `viewingFirstStep`. */
export const currentViewer = (): Viewer | undefined => viewers.getStore();

/** Makes the first step of a training for a viewer. Never returns. */
export async function viewFirstStep(
  batches: Observable<Batch>,
  taskFor: TaskFor,
  options: Pick<SessionOptions, 'epochs' | 'learningRate' | 'seed' | 'backend'>,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<never> {
  const { epochs } = options;
  const stream = pull(epochs === undefined ? batches : batches.pipe(repeat<Batch>(epochs)));
  const stop = () => stream.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { done, value: batch } = await stream.next();
    if (done) throw new RxaugError('train: expected at least one batch but the stream ended');
    checkIsBatch(batch);
    try {
      view(batch, taskFor, options, viewer);
    } finally {
      batch.dispose();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.cancel();
  }
  throw new RxaugError('train: the first step is only looked at; nothing was trained');
}

function view(
  given: Batch,
  taskFor: TaskFor,
  options: Pick<SessionOptions, 'epochs' | 'learningRate' | 'seed' | 'backend'>,
  viewer: Viewer,
): void {
  const task = taskFor(inputSpecOf(given));
  const { seed, backend } = options;
  const scheduling = schedulingOf(task, options);
  checkEnds(scheduling, given);
  const batch = task.ownClasses ? given : numberedAs(given, task.spec.classes, 'train');
  task.check(batch);
  checkAdvances(scheduling, batch);
  const { progress, size: images } = batch;
  const { state } = firstState(task, keyOf(seed), undefined);
  const feed = {
    ...task.feed(batch),
    learningRate: tf.scalar(learningRateAt(options.learningRate, progress)),
  };
  const context = { key: fold(keyOf(seed), tag('step'), 0), progress };
  try {
    viewer({ task, state, feed, context, images, backend });
  } finally {
    tf.dispose(feed);
    disposeState(state);
  }
}
