import { type Precision, writeStableHlo } from '../../graph/index.js';
import type { Pjrt, PjrtProgram, PjrtSession, PjrtValues, Port } from '../../graph/pjrt/index.js';
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';
import type { Engine } from './engine.js';
import { isState, METRICS, type TracedStep } from './traced-step.js';

/** Steps as programs of XLA, on the device of a PJRT plugin, where the state stays. */
export class XlaEngine implements Engine {
  private readonly programs = new Map<TracedStep, PjrtProgram>();
  private session: PjrtSession | undefined;

  constructor(
    private readonly device: Pjrt,
    private readonly precision: Precision = 'float32',
  ) {}

  async add(traced: TracedStep): Promise<void> {
    const { inputs, outputs } = traced.graph;
    const results = Object.entries(outputs).map(([name, value]) => portOf({ ...value, name }));
    const takes = new Map(inputs.map((value) => [value.name, value]));
    // What a step leaves as it is keeps its memory.
    const donate = Object.entries(outputs).flatMap(([name, value]) =>
      isState(name) && takes.get(name) !== value ? [name] : [],
    );
    const text = writeStableHlo(traced.graph, { donate, precision: this.precision });
    this.session ??= await this.device.createSession(inputs.filter(({ name }) => isState(name)).map(portOf));
    const program = await this.session.loadProgram({
      name: `step ${this.programs.size + 1}`,
      text,
      inputs: inputs.map(portOf),
      outputs: results,
    });
    this.programs.set(traced, program);
  }

  async assign(state: Tensors): Promise<void> {
    await this.opened().setState(await numbersOfAll(state));
  }

  async run(traced: TracedStep, inputs: Tensors): Promise<Float32Array> {
    const program = this.programs.get(traced);
    if (!program) throw new Error('a step that was not added cannot run');
    const { [METRICS]: metrics } = await program.step(await numbersOfAll(inputs));
    return metrics as Float32Array;
  }

  async read(): Promise<Tensors> {
    const session = this.opened();
    const values = await session.getState();
    return Object.fromEntries(
      session.variables.map(({ name, shape, dtype }) => [
        name,
        tf.tensor(values[name] as Float32Array, [...shape], dtype as tf.DataType as 'float32'),
      ]),
    );
  }

  dispose(): void {
    // What goes wrong here is told by the next call to the device.
    this.session?.dispose().catch(() => {});
    this.session = undefined;
  }

  private opened(): PjrtSession {
    if (!this.session) throw new Error('an engine without a graph has no state');
    return this.session;
  }
}

interface Sized {
  readonly name: string;
  readonly shape: readonly unknown[];
  readonly dtype: string;
}

const portOf = ({ name, shape, dtype }: Sized): Port => ({
  name,
  shape: shape as number[],
  dtype: dtype as Port['dtype'],
});

async function numbersOfAll(tensors: Tensors): Promise<Record<string, PjrtValues>> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) => [name, (await tensor.data()) as PjrtValues] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
