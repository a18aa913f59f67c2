import { RxaugError, UsageError } from '../../core/index.js';
import type { Precision } from '../../graph/index.js';
import { tf } from '../../graph/tf.js';
import { xlaDevice, xlaFlags } from '../backends/xla.js';
import { EagerStepper, type Stepper } from '../loop/stepper.js';
import type { State } from '../state/tensors.js';
import type { Task } from '../task.js';
import { CompiledStepper } from './compiled-stepper.js';
import { TensorFlowEngine } from './tensorflow-engine.js';
import { XlaEngine } from './xla-engine.js';

/** true: steps must be compiled; 'auto': where they can be; false: never. */
export type Compile = boolean | 'auto';

export interface CompileOptions {
  readonly compile?: Compile;
  /** Of matrix products and convolutions; other than float32 on the backend 'xla' only. */
  readonly precision?: Precision;
}

/** What moves the state of a training, which it takes over. */
export function stepperOf(
  task: Task,
  state: State,
  { backend, compile = 'auto', precision = 'float32' }: CompileOptions & { readonly backend: string },
  notice: (message: string) => void,
): Stepper {
  if (backend === 'xla') {
    if (compile === false)
      throw new UsageError(
        "compile: expected true or 'auto' for the backend 'xla', which runs compiled steps only, but received false; leave it out",
      );
    const engine = new XlaEngine(xlaDevice(), precision, xlaFlags());
    // Its one notice is that the step is not compiled.
    const uncompiled = (message: string) => notice(`${message}${inFloat32(precision)}`);
    return new CompiledStepper(task, state, engine, { compile, notice: uncompiled });
  }
  if (precision !== 'float32')
    throw new UsageError(
      `precision: '${precision}' needs the backend 'xla', but this is '${backend}'; leave out precision, or choose that backend`,
    );
  if (compile === false) return new EagerStepper(task, state);
  if (tf.getBackend() === 'tensorflow')
    return new CompiledStepper(task, state, new TensorFlowEngine(), { compile, notice });
  if (compile === true)
    throw new RxaugError(
      `compile: expected a backend that compiles steps, native TensorFlow, but this is '${backend}'; leave out compile`,
    );
  return new EagerStepper(task, state);
}

/** What a step loses that runs kernel by kernel beside XLA. */
const inFloat32 = (precision: Precision): string =>
  precision === 'float32' ? '' : `, and in float32: precision '${precision}' is of compiled steps only`;
