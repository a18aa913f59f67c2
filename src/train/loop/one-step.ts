/** One step of a task, with a check for NaN and infinite values. */

import type { Metrics } from '../../core/events.js';
import { tf } from '../../graph/tf.js';
import { DivergedError } from '../state/diverged.js';
import { disposeState, readScalars, type State } from '../state/tensors.js';
import type { StepContext, Task } from '../task.js';
import { firstBad } from './non-finite.js';

/** The tensors of a batch, and the learning rate. */
export type Feed = Parameters<Task['step']>[1];

/**
 * The state after the step, which shares tensors with the one before, and the metrics as numbers.
 *
 * @throws DivergedError if loss or gradient is not finite; the old state still belongs to the caller
 */
export async function stepOf(
  task: Task,
  state: State,
  feed: Feed,
  context: StepContext,
  where: string,
): Promise<{ state: State; metrics: Metrics }> {
  let next: ReturnType<Task['step']> | undefined;
  tf.tidy(() => {
    next = task.step(state, feed, context);
    return next as unknown as tf.TensorContainer;
  });
  const { state: after, metrics } = next as unknown as ReturnType<Task['step']>;
  const values = await readScalars(metrics);
  tf.dispose(metrics as Record<string, tf.Tensor>);
  const bad = notFinite(values);
  if (bad === undefined) return { state: after, metrics: values };
  disposeState(after, state);
  throw await diverged(task, state, feed, context, `${bad} ${where}`);
}

/** Which of the metrics that must be finite is not, and its value. */
export function notFinite(values: Metrics): string | undefined {
  const bad = ['loss', 'gradientNorm'].find((name) => name in values && !Number.isFinite(values[name]));
  return bad && `the ${bad === 'loss' ? 'loss' : 'norm of the gradient'} is ${values[bad]}`;
}

/** The error of a step from `state`, with the first part of it that is not finite, if the state is known. */
export async function diverged(
  task: Task,
  state: State | undefined,
  feed: Feed,
  context: StepContext,
  what: string,
): Promise<DivergedError> {
  const culprit = state && (await culpritIn(task, state, feed, context));
  return new DivergedError(
    `train: ${what}; lower the learning rate, give it a warm-up, or set clipNorm${culprit ? `; first not finite: ${culprit}` : ''}`,
  );
}

/** The name of the first part of a step that is not finite. */
async function culpritIn(
  task: Task,
  state: State,
  feed: Feed,
  context: StepContext,
): Promise<string | undefined> {
  if (!task.probe) return undefined;
  const scalars = tf.tidy(() => task.probe?.(state, feed, context) as Record<string, tf.Tensor>);
  const values = await readScalars(scalars);
  tf.dispose(scalars);
  return firstBad(values);
}
