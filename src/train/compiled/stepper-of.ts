import { RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { EagerStepper, type Stepper } from '../loop/stepper.js';
import type { State } from '../state/tensors.js';
import type { Task } from '../task.js';
import { CompiledStepper } from './compiled-stepper.js';
import { TensorFlowEngine } from './tensorflow-engine.js';

/** true: steps must be compiled; 'auto': where they can be; false: never. */
export type Compile = boolean | 'auto';

/** What moves the state of a training, which it takes over. */
export function stepperOf(
  task: Task,
  state: State,
  { backend, compile = 'auto' }: { readonly backend: string; readonly compile?: Compile },
  notice: (message: string) => void,
): Stepper {
  if (compile === false) return new EagerStepper(task, state);
  if (tf.getBackend() === 'tensorflow')
    return new CompiledStepper(task, state, new TensorFlowEngine(), { compile, notice });
  if (compile === true)
    throw new RxaugError(
      `compile: expected a backend that compiles steps, native TensorFlow, but this is '${backend}'; leave out compile`,
    );
  return new EagerStepper(task, state);
}
