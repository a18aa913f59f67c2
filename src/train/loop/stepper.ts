/** What moves the state of a training from step to step: eager kernels, or a compiled step. */
import type { Metrics } from '../../core/events.js';
import { disposeState, type State, type Tensors } from '../state/tensors.js';
import type { Measure, Numbers, StepContext, Task } from '../task.js';
import { kernelByKernel } from './evaluate.js';
import { type Feed, stepOf } from './one-step.js';

export interface Stepper {
  /** What compiles its steps: 'TensorFlow', 'XLA'; absent: kernels run one by one. */
  readonly compiledBy?: string;
  /**
   * One step. The new state replaces the old one only if the loss is finite. `where` is for the error.
   *
   * @throws DivergedError if loss or gradient is not finite
   */
  advance(feed: Feed, context: StepContext, where: string): Promise<Metrics>;
  /** Numbers of a measure, of the state now and a batch's tensors; `index` is the number of the batch in its evaluation. */
  compute(measure: Measure, feed: Tensors, index: number): Promise<Numbers>;
  /** The state now. It belongs to the stepper, and is good until the next step. */
  state(): Promise<State>;
  /** Ends the stepper and gives the state to the caller. */
  take(): Promise<State>;
  dispose(): void;
}

/** Runs the step as it is written, kernel by kernel. It owns the state that it is given. */
export class EagerStepper implements Stepper {
  constructor(
    private readonly task: Task,
    private current: State,
  ) {}

  async advance(feed: Feed, context: StepContext, where: string): Promise<Metrics> {
    const { state, metrics } = await stepOf(this.task, this.current, feed, context, where);
    disposeState(this.current, state);
    this.current = state;
    return metrics;
  }

  compute(measure: Measure, feed: Tensors, index = 0): Promise<Numbers> {
    return kernelByKernel(this.current)(measure, feed, index);
  }

  async state(): Promise<State> {
    return this.current;
  }

  async take(): Promise<State> {
    return this.current;
  }

  dispose(): void {
    disposeState(this.current);
  }
}
