import { openSession, type TensorFlowSession } from '../../graph/index.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';
import type { Engine } from './engine.js';
import { isState, METRICS, type TracedStep } from './traced-step.js';

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
    const variables = traced.graph.inputs.filter(({ name }) => isState(name));
    const session = openSession(
      Object.fromEntries(steps.map(({ graph }, i) => [functionOf(i), graph])),
      variables,
    );
    const before = this.session;
    if (before && this.assigned) tf.tidy(() => session.assign(before.read()));
    before?.dispose();
    this.session = session;
    this.steps.push(traced);
  }

  async assign(state: Tensors): Promise<void> {
    this.opened().assign(state);
    this.assigned = true;
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
    return this.opened().read();
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
