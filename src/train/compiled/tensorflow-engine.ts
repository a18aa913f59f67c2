import { openSession, type TensorFlowSession } from '../../graph/index.js';
import { tf } from '../../graph/tf.js';
import { readNumbers, type Tensors } from '../state/tensors.js';
import type { Numbers } from '../task.js';
import { type Begun, type Engine, isKept, isState, type Program, resultsOf } from './engine.js';
import { constantTensors } from './large-constants.js';

/**
 * Programs as graphs of native TensorFlow, in one session: the state is its variables. A graph that comes later makes a new
 * session with all of them, which takes the state over.
 */
export class TensorFlowEngine implements Engine {
  readonly title = 'TensorFlow';
  /** A graph costs about as much as a few batches. */
  readonly notWorth = 4;
  readonly overlaps = false;
  private readonly programs: Program[] = [];
  private session: TensorFlowSession | undefined;
  private assigned = false;

  async add(program: Program): Promise<void> {
    const programs = [...this.programs, program];
    const kept = programs.flatMap(({ graph }) => graph.inputs.filter(({ name }) => isKept(name)));
    const variables = [...new Map(kept.map((value) => [value.name, value])).values()];
    const session = openSession(
      Object.fromEntries(programs.map(({ graph }, i) => [functionOf(i), graph])),
      variables,
    );
    const before = this.session;
    this.session = session;
    this.programs.push(program);
    if (before && this.assigned) tf.tidy(() => this.fill(before.read()));
    before?.dispose();
  }

  async assign(state: Tensors): Promise<void> {
    tf.tidy(() => this.fill(state));
    this.assigned = true;
  }

  private fill(state: Tensors): void {
    this.opened().assign({
      ...state,
      ...constantTensors(this.programs.flatMap(({ constants }) => constants)),
    });
  }

  async begin(program: Program, inputs: Tensors): Promise<Begun> {
    return { results: this.run(program, inputs) };
  }

  private async run(program: Program, inputs: Tensors): Promise<Numbers> {
    const names = resultsOf(program);
    const results = this.opened().run(functionOf(this.programs.indexOf(program)), inputs, names);
    try {
      return await readNumbers(Object.fromEntries(results.map((result, i) => [names[i], result])));
    } finally {
      for (const result of results) result.dispose();
    }
  }

  async read(): Promise<Tensors> {
    const entries = Object.entries(this.opened().read());
    for (const [name, tensor] of entries) if (!isState(name)) tensor.dispose();
    return Object.fromEntries(entries.filter(([name]) => isState(name)));
  }

  dispose(): void {
    this.session?.dispose();
    this.session = undefined;
  }

  private opened(): TensorFlowSession {
    if (!this.session) throw new Error('an engine without a graph has no state');
    return this.session;
  }
}

const functionOf = (i: number) => `program${i}`;
