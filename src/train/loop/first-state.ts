/** The state with which a session begins: that of a checkpoint, one read from a file, or the first values of the model. */
import type { Key } from '../../core/index.js';
import type { State } from '../state/tensors.js';
import type { Task } from '../task.js';
import type { Resumed } from './resume.js';

/** The state, and what is to be said of it. */
export function firstState(
  task: Task,
  key: Key,
  resumed: Resumed<Task> | undefined,
): { readonly state: State; readonly sentence?: string } {
  const { stored } = task;
  if (!resumed) return stored ? stored.begin(key) : { state: task.init(key) };
  const { state, path } = resumed;
  if (!stored) return { state };
  return { state, sentence: `${path}: training continues from its weights; ${stored.title} is not read` };
}
