import { openSession, type TensorFlowSession } from '../../graph/index.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';
import type { Engine } from './engine.js';
import { constantTensors } from './large-constants.js';
import { isKept, isState, METRICS, type TracedStep } from './traced-step.js';

/**
 * Steps as graphs of native TensorFlow, in one session: the state is its variables. A graph that comes later makes a new
 * session with all of them, which takes the state over.
 */
export class TensorFlowEngine implements Engine {
  private readonly steps: TracedStep[] = [];
  private session: TensorFlowSession | undefined;
  private assigned = false;

  async add(traced: TracedStep): Promise<void> {
    const steps = [...this.steps, traced];
    const kept = steps.flatMap(({ graph }) => graph.inputs.filter(({ name }) => isKept(name)));
    const variables = [...new Map(kept.map((value) => [value.name, value])).values()];
    const session = openSession(
      Object.fromEntries(steps.map(({ graph }, i) => [functionOf(i), graph])),
      variables,
    );
    const before = this.session;
    this.session = session;
    this.steps.push(traced);
    if (before && this.assigned) tf.tidy(() => this.fill(before.read()));
    before?.dispose();
  }

  async assign(state: Tensors): Promise<void> {
    tf.tidy(() => this.fill(state));
    this.assigned = true;
  }

  private fill(state: Tensors): void {
    this.opened().assign({ ...state, ...constantTensors(this.steps.flatMap(({ constants }) => constants)) });
  }

  async run(traced: TracedStep, inputs: Tensors): Promise<Float32Array> {
    const [metrics] = this.opened().run(functionOf(this.steps.indexOf(traced)), inputs, [METRICS]);
    try {
      return (await metrics.data()) as Float32Array;
    } finally {
      metrics.dispose();
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

const functionOf = (i: number) => `step${i}`;
