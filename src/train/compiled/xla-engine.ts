import { RxaugError } from '../../core/index.js';
import { type Precision, writeStableHlo } from '../../graph/index.js';
import type {
  CompileFlags,
  Pjrt,
  PjrtProgram,
  PjrtSession,
  PjrtValues,
  Port,
} from '../../graph/pjrt/index.js';
import { tf } from '../../graph/tf.js';
import { readNumbers, type Tensors } from '../state/tensors.js';
import { type Begun, type Engine, isKept, isState, type Program, resultsOf } from './engine.js';

/** Programs of XLA, on the device of a PJRT plugin, where the state stays. */
export class XlaEngine implements Engine {
  readonly title = 'XLA';
  /** What computes besides can be a hundred times slower. */
  readonly notWorth = 0;
  readonly overlaps = true;
  private readonly programs = new Map<Program, PjrtProgram>();
  private session: PjrtSession | undefined;

  constructor(
    private readonly device: Pjrt,
    private readonly precision: Precision = 'float32',
    /** XLA's own flags, by name. */
    private readonly flags: CompileFlags = {},
  ) {}

  async add(program: Program): Promise<void> {
    const { graph } = program;
    const { inputs, outputs } = graph;
    const results = Object.entries(outputs).map(([name, value]) => portOf({ ...value, name }));
    const takes = new Map(inputs.map((value) => [value.name, value]));
    // What a step leaves as it is keeps its memory.
    const donate = Object.entries(outputs).flatMap(([name, value]) =>
      isState(name) && takes.get(name) !== value ? [name] : [],
    );
    const text = writeStableHlo(graph, { donate, precision: this.precision });
    const kept = inputs.filter(({ name }) => isKept(name)).map(portOf);
    this.session ??= await this.device.createSession(kept);
    const { variables } = this.session;
    if (kept.some(({ name }) => variables.every((variable) => variable.name !== name)))
      throw new RxaugError('its large constants differ from one of its forms to another');
    const constants = program.constants.map(({ value: { name }, data }) => [name, data] as const);
    if (constants.length > 0) await this.session.setState(Object.fromEntries(constants));
    const loaded = await this.session.loadProgram({
      name: `program ${this.programs.size + 1}`,
      text,
      inputs: inputs.map(portOf),
      outputs: results,
      flags: this.flags,
    });
    this.programs.set(program, loaded);
  }

  async assign(state: Tensors): Promise<void> {
    await this.opened().setState((await readNumbers(state)) as Numbers);
  }

  async begin(program: Program, inputs: Tensors): Promise<Begun> {
    const loaded = this.programs.get(program);
    if (!loaded) throw new Error('a program that was not added cannot run');
    const stepped = loaded.step((await readNumbers(inputs)) as Numbers);
    const results = stepped.then((numbers) =>
      Object.fromEntries(resultsOf(program).map((name) => [name, numbers[name]])),
    );
    return { results };
  }

  async read(): Promise<Tensors> {
    const session = this.opened();
    const state = session.variables.filter(({ name }) => isState(name));
    const values = await session.getState(state.map(({ name }) => name));
    return Object.fromEntries(
      state.map(({ name, shape, dtype }) => [
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

type Numbers = Record<string, PjrtValues>;

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
