/** What runs compiled steps and evaluations: it holds the state of a training, and the graphs that move or measure it. */
import type { Graph, Known } from '../../graph/graph.js';
import type { Tensors } from '../state/tensors.js';
import type { Numbers } from '../task.js';

/** A graph whose inputs are the state under its flat names, constants that the engine keeps, and what is fed. */
export interface Program {
  /** Outputs with names of the state replace it; all others are results. */
  readonly graph: Graph;
  /** Inputs that stay as they are, such as the weights of a teacher: constants too large for the graph. */
  readonly constants: readonly Known[];
}

/** A program that was begun. It waits in an object, since a promise of a promise would wait for both. */
export interface Begun {
  readonly results: Promise<Numbers>;
}

export interface Engine {
  /** What compiles: 'TensorFlow'. */
  readonly title: string;
  /** Batches at the start of an evaluation that are worth no graph: they are measured kernel by kernel. */
  readonly notWorth: number;
  /** A program that can be run from now on. Throws, in one sentence, if it cannot. */
  add(program: Program): Promise<void>;
  /** Takes a copy of the state, by flat names. */
  assign(state: Tensors): Promise<void>;
  /** Whether programs run while this thread goes on. */
  readonly overlaps: boolean;
  /**
   * Begins a program, behind those that were begun before; it moves the state where its graph does. `inputs` are all that is
   * fed; the memory that they were made from must stay as it is until the results are there.
   */
  begin(program: Program, inputs: Tensors): Promise<Begun>;
  /** A copy of the state, which the caller owns. */
  read(): Promise<Tensors>;
  dispose(): void;
}

/** Whether an input or output of a program is part of the state. */
export const isState = (name: string): boolean => /^(params|stats|slots)\//.test(name);

/** How the names of large constants begin. */
export const CONSTANT = 'constants/';

/** Whether an input of a program stays in the engine from run to run: the state, and large constants. */
export const isKept = (name: string): boolean => isState(name) || name.startsWith(CONSTANT);

/** Names of a program's results. */
export const resultsOf = ({ graph }: Program): string[] =>
  Object.keys(graph.outputs).filter((name) => !isState(name));
