/** What moves the state of a training from step to step: eager kernels, or a compiled step. */
import type { Metrics } from '../../core/events.js';
import { disposeState, type State, type Tensors } from '../state/tensors.js';
import type { Measure, Numbers, StepContext, Task } from '../task.js';
import { kernelByKernel } from './evaluate.js';
import { type Feed, stepOf } from './one-step.js';

export interface Stepper {
  /** What compiles its steps: 'TensorFlow', 'XLA'; absent: kernels run one by one. */
  readonly compiledBy?: string;
  /** Whether a step may be begun before the metrics of the one before are there: the device then never waits for the host. */
  readonly overlaps: boolean;
  /**
   * Begins a step, behind those that were begun before. The new state replaces the old one only if the loss is finite.
   * `where` is for the error. `feed`, and the memory that it was made from, must stay until the metrics are there.
   */
  begin(feed: Feed, context: StepContext, where: string): Promise<Begun>;
  /** Numbers of a measure, of the state now and a batch's tensors; `index` is the number of the batch in its evaluation. */
  compute(measure: Measure, feed: Tensors, index: number): Promise<Numbers>;
  /** The state now. It belongs to the stepper, and is good until the next step. */
  state(): Promise<State>;
  /** Ends the stepper and gives the state to the caller. */
  take(): Promise<State>;
  dispose(): void;
}

/** One step, from its beginning to its metrics. @throws DivergedError if loss or gradient is not finite */
export async function wholeStep(stepper: Stepper, ...given: Parameters<Stepper['begin']>): Promise<Metrics> {
  const { metrics } = await stepper.begin(...given);
  return metrics;
}

/** A step that was begun. */
export interface Begun {
  /** Rejects with a DivergedError if loss or gradient is not finite. Has been listened to: it may be left alone. */
  readonly metrics: Promise<Metrics>;
}

/** Runs the step as it is written, kernel by kernel. It owns the state that it is given. */
export class EagerStepper implements Stepper {
  constructor(
    private readonly task: Task,
    private current: State,
  ) {}

  readonly overlaps = false;

  async begin(feed: Feed, context: StepContext, where: string): Promise<Begun> {
    const { state, metrics } = await stepOf(this.task, this.current, feed, context, where);
    disposeState(this.current, state);
    this.current = state;
    return { metrics: Promise.resolve(metrics) };
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
