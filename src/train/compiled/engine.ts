/** What runs a compiled step: it holds the state of a training, and the graphs that move it. */
import type { Tensors } from '../state/tensors.js';
import type { TracedStep } from './traced-step.js';

export interface Engine {
  /** A graph that can be run from now on. Throws, in one sentence, if it cannot. */
  add(traced: TracedStep): Promise<void>;
  /** Takes a copy of the state, by flat names. */
  assign(state: Tensors): Promise<void>;
  /** Runs a step and moves the state; resolves to the metrics. `inputs` are all that is not state. */
  run(traced: TracedStep, inputs: Tensors): Promise<Float32Array>;
  /** A copy of the state, which the caller owns. */
  read(): Promise<Tensors>;
  dispose(): void;
}
