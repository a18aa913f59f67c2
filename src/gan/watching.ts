import type { State } from '../train/state/tensors.js';
import type { Task, TaskFor } from '../train/task.js';
import type { Pictured, Watch } from './watch.js';

/**
 * A task whose model can be drawn during training: the task is built only when the first batch arrives, and `picture` needs
 * it. `picture` must not dispose of the state.
 */
export function watching<T extends Task>(
  taskFor: TaskFor<T>,
  samples: Watch | undefined,
  picture: (task: T, state: State, count: number) => Promise<Omit<Pictured, 'step'>>,
) {
  let made: T | undefined;
  const task: TaskFor<T> = (spec) => {
    made = taskFor(spec);
    return made;
  };
  const watch = samples && {
    every: samples.every,
    see: async (state: State, step: number) =>
      samples.see({ step, ...(await picture(made as T, state, samples.count)) }),
  };
  return { task, watch };
}
