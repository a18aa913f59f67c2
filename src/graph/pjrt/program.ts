/** Programs of StableHLO on a device, over a state that stays there. */
import { z } from 'zod';
import { parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { checkPorts, checkValues, type PjrtValues, type Port } from './dtypes.js';
import { findPjrtPlugin } from './find.js';
import { PjrtHost } from './host.js';
import { type ClientOptions, type CompileFlags, defaultsFor } from './options.js';
import type { Named, PjrtInfo } from './protocol.js';
import { checkInputs } from './signature.js';

export interface PjrtOptions {
  /** File of the plugin; default the first that {@link findPjrtPlugin} finds. */
  readonly plugin?: string;
  /** Passed to the plugin's client. On a GPU `preallocate` is false unless it is given: memory is taken as it is needed. */
  readonly options?: ClientOptions;
  /** Steps that are at the device at once, default 2: one runs, and the next one's numbers are uploaded. At least 1. */
  readonly stepsInFlight?: number;
}

export interface ProgramOptions {
  /** In messages. */
  readonly name?: string;
  /** A StableHLO module; its `@main` takes `inputs` and gives `outputs`, in order. */
  readonly text: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** XLA's flags for this program. */
  readonly flags?: CompileFlags;
}

/** What options of the plugin and of XLA hold is for those to say. */
const byName = <T extends object>() =>
  z.custom<T>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected values by name',
  );

/** Their names, shapes and types are checked by `checkPorts`. */
const ports = z.custom<readonly Port[]>(Array.isArray, 'expected a list of ports');

const openSchema = z.strictObject({
  plugin: z.string().optional(),
  options: byName<ClientOptions>().default({}),
  stepsInFlight: z.int().min(1).default(2),
});

const programSchema = z.strictObject({
  name: z.string().default('main'),
  text: z.string(),
  inputs: ports,
  outputs: ports,
  flags: byName<CompileFlags>().default({}),
});

export type Tensors = Readonly<Record<string, PjrtValues>>;

const taken = (values: readonly Named[]): Tensors =>
  Object.fromEntries(values.map(({ name, values: numbers }) => [name, numbers]));

/**
 * Starts a PJRT plugin in a thread of its own, on its first device. Nothing here waits on the main thread.
 *
 * @throws RxaugError where the plugin is absent, broken, for another processor or of another version of the C API, or has
 *   no driver or no memory; UsageError for an option that is none
 */
export async function openPjrt(options: PjrtOptions = {}): Promise<Pjrt> {
  const parsed = parseOptions('openPjrt', openSchema, options);
  const { plugin = findPjrtPlugin()?.file, stepsInFlight } = parsed;
  if (plugin === undefined)
    throw new RxaugError(
      'PJRT: no plugin is found; run rxaug setup --xla cpu (or cuda13, cuda12, rocm7), or set RXAUG_PJRT_PLUGIN to a file',
    );
  const host = new PjrtHost(plugin, { ...defaultsFor(plugin), ...parsed.options }, stepsInFlight);
  return new Pjrt(host, await host.started);
}

/** A running plugin. */
export class Pjrt {
  private nextSession = 1;

  /** @internal */
  constructor(
    private readonly host: PjrtHost,
    readonly info: PjrtInfo,
  ) {}

  /** A state of named variables, which has no numbers until `setState()`. */
  async createSession(variables: readonly Port[]): Promise<PjrtSession> {
    checkPorts('PJRT session', 'variable', variables);
    const session = this.nextSession++;
    await this.host.request({ kind: 'session', session, variables });
    return new PjrtSession(this.host, session, variables);
  }

  /** Frees the device and ends the thread. Steps that are not done are done first. */
  close(): Promise<void> {
    return this.host.close();
  }

  /** Ends the thread as an error in it would, for tests. */
  fail(): void {
    this.host.fail();
  }
}

let nextProgram = 1;

/** Variables on the device, and the programs that use them. */
export class PjrtSession {
  /** @internal */
  constructor(
    private readonly host: PjrtHost,
    private readonly session: number,
    readonly variables: readonly Port[],
  ) {}

  /**
   * Compiles a program. An input that is named like a variable reads it, an output that is named like one replaces it (all
   * reads come before), other inputs are fed at each step, and other outputs are what a step resolves with. Where the text
   * lets an output reuse the memory of an input (`tf.aliasing_output`), a variable that is replaced gives its memory away.
   *
   * @throws RxaugError where the text does not compile, or has other types than are declared; UsageError for an option that
   *   is none
   */
  async loadProgram(options: ProgramOptions): Promise<PjrtProgram> {
    const { name, text, inputs, outputs, flags } = parseOptions('loadProgram', programSchema, options);
    const where = `PJRT program '${name}'`;
    checkPorts(where, 'input', inputs);
    checkPorts(where, 'output', outputs);
    checkInputs(name, text, inputs);
    for (const variable of this.variables) {
      for (const port of [...inputs, ...outputs]) {
        if (port.name !== variable.name) continue;
        const [is, has] = [port, variable].map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
        if (is !== has)
          throw new UsageError(
            `${where}: variable '${port.name}' is ${has} and the program has ${is}; trace it again`,
          );
      }
    }
    const program = nextProgram++;
    const spec = { name, text, inputs, outputs, flags };
    await this.host.request({ kind: 'load', session: this.session, program, spec });
    const isFed = ({ name: input }: Port) => this.variables.every((variable) => variable.name !== input);
    return new PjrtProgram(this.host, program, name, inputs.filter(isFed));
  }

  /** Sets variables, all or some; those that are not named keep their numbers. The arrays may change once it resolves. */
  async setState(values: Tensors): Promise<void> {
    const named = Object.entries(values).map(([name, numbers]) => {
      const port = this.port(name);
      checkValues('PJRT setState', port, numbers);
      return { name, values: numbers };
    });
    await this.host.request({ kind: 'set', session: this.session, values: named });
  }

  /** Variables as they are after all steps that were called before; default all. */
  async getState(names: readonly string[] = this.variables.map(({ name }) => name)): Promise<Tensors> {
    for (const name of names) this.port(name);
    return taken(await this.host.request({ kind: 'get', session: this.session, names }));
  }

  /** Frees the variables and the programs. */
  async dispose(): Promise<void> {
    await this.host.request({ kind: 'end', session: this.session });
  }

  private port(name: string): Port {
    const port = this.variables.find((each) => each.name === name);
    if (!port)
      throw new UsageError(`PJRT session: it has no variable '${name}'; name one that it was made with`);
    return port;
  }
}

/** A compiled program. */
export class PjrtProgram {
  /** Memory of earlier steps, by input. */
  private readonly spare = new Map<string, SharedArrayBuffer[]>();

  /** @internal */
  constructor(
    private readonly host: PjrtHost,
    private readonly program: number,
    private readonly name: string,
    /** Inputs that are no variables. */
    readonly feeds: readonly Port[],
  ) {}

  /**
   * Runs the program once. Steps run in the order of their calls; to keep the device busy, call the next one before this
   * one's promise is awaited. Numbers in a SharedArrayBuffer are read from there and must stay as they are until the
   * promise settles; others are copied at once.
   *
   * @returns the outputs that are no variables
   * @throws RxaugError where the run fails. If the program replaces variables, they are lost and must be set again
   */
  async step(feed: Tensors): Promise<Tensors> {
    const extra = Object.keys(feed).find((name) => this.feeds.every((port) => port.name !== name));
    if (extra !== undefined)
      throw new UsageError(`PJRT program '${this.name}': it takes no input '${extra}'; leave it out`);
    for (const port of this.feeds) checkValues(`PJRT program '${this.name}'`, port, feed[port.name]);
    const copies: [string, SharedArrayBuffer][] = [];
    const named = this.feeds.map(({ name }) => {
      const values = feed[name];
      if (values.buffer instanceof SharedArrayBuffer) return { name, values };
      const memory = this.spare.get(name)?.pop() ?? new SharedArrayBuffer(values.byteLength);
      copies.push([name, memory]);
      const copy = new (values.constructor as new (memory: SharedArrayBuffer) => PjrtValues)(memory);
      copy.set(values);
      return { name, values: copy };
    });
    try {
      return taken(await this.host.request({ kind: 'run', program: this.program, feed: named }));
    } finally {
      for (const [name, memory] of copies) {
        const spare = this.spare.get(name);
        if (spare) spare.push(memory);
        else this.spare.set(name, [memory]);
      }
    }
  }

  async dispose(): Promise<void> {
    await this.host.request({ kind: 'unload', program: this.program });
  }
}
