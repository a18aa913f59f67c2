/**
 * The state of a session on the device, and the programs that read and replace it. All that a call begins is returned as a
 * `Work`, whose events the thread awaits when it suits it.
 */
import { messageOf, RxaugError } from '../../core/index.js';
import type { Begun, Execution, PjrtClient, Uploaded } from './client.js';
import { bytesOf, DTYPES, type PjrtValues, type Port } from './dtypes.js';
import type { Named, ProgramSpec } from './protocol.js';
import type { Address } from './structs.js';

/** What one request began on the device. */
export interface Work {
  /** Not yet finished, in order. */
  readonly events: Begun[];
  /** Destroyed when the events are over. */
  readonly buffers: Address[];
  /** The answer, once the events are over. */
  readonly values: readonly Named[];
  /** Why a part could not even begin. */
  failure?: string;
  /** Called with a failure after which the state that the work changes cannot be used. */
  readonly lose?: (why: string) => void;
}

const room = (port: Port): PjrtValues => new DTYPES[port.dtype].array(new ArrayBuffer(bytesOf(port)));

export class Session {
  private readonly buffers = new Map<string, Address>();
  /** Why the state cannot be used; cleared when all of it is set. */
  private broken: string | undefined;
  /** Times that all of it was set: an earlier failure does not concern what was set later. */
  private generation = 0;

  constructor(
    private readonly client: PjrtClient,
    private readonly variables: readonly Port[],
  ) {}

  set(values: readonly Named[]): Work {
    const isWhole = this.variables.every(({ name }) => values.some((each) => each.name === name));
    if (!isWhole) this.refuseBroken();
    else {
      this.broken = undefined;
      this.generation++;
    }
    const work: Work = { events: [], buffers: [], values: [], lose: this.loser() };
    try {
      for (const { name, values: numbers } of values) {
        const uploaded = this.client.upload(this.variable(name), numbers);
        work.events.push(uploaded);
        this.replace(name, uploaded.buffer);
      }
    } catch (error) {
      work.failure = messageOf(error);
    }
    return work;
  }

  get(names: readonly string[]): Work {
    this.refuseBroken();
    const events: Begun[] = [];
    const values: Named[] = [];
    const work: Work = { events, buffers: [], values };
    try {
      for (const name of names) {
        const port = this.variable(name);
        const numbers = room(port);
        // A plugin that is to write nothing, to nowhere, ends the process.
        if (numbers.length > 0) events.push(this.client.download(this.bufferOf(name), port, numbers));
        values.push({ name, values: numbers });
      }
    } catch (error) {
      work.failure = messageOf(error);
    }
    return work;
  }

  bufferOf(name: string): Address {
    const buffer = this.buffers.get(name);
    if (buffer === undefined)
      throw new RxaugError(`PJRT session: variable '${name}' has no numbers yet; call setState() first`);
    return buffer;
  }

  replace(name: string, buffer: Address): void {
    const old = this.buffers.get(name);
    this.buffers.set(name, buffer);
    if (old !== undefined) this.client.destroyBuffer(old);
  }

  /** What a work calls when it fails. */
  loser(): (why: string) => void {
    const { generation } = this;
    return (why) => {
      if (this.generation === generation) this.broken ??= why;
    };
  }

  refuseBroken(): void {
    if (this.broken !== undefined)
      throw new RxaugError(
        `PJRT session: its state was lost when an earlier call failed (${this.broken}); call setState() with all variables`,
      );
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) this.client.destroyBuffer(buffer);
    this.buffers.clear();
  }

  private variable(name: string): Port {
    const port = this.variables.find((each) => each.name === name);
    if (!port)
      throw new RxaugError(`PJRT session: it has no variable '${name}'; name one that it was made with`);
    return port;
  }
}

/** A compiled program of a session. */
export class Program {
  private readonly loaded: Address;
  private readonly execution: Execution;
  private readonly names: ReadonlySet<string>;
  /** Whether a run replaces variables, and so cannot be repeated after a failure. */
  private readonly changes: boolean;

  constructor(
    private readonly client: PjrtClient,
    private readonly session: Session,
    variables: readonly string[],
    private readonly spec: ProgramSpec,
  ) {
    const { name, inputs, outputs } = spec;
    this.names = new Set(variables);
    this.changes = outputs.some((port) => this.names.has(port.name));
    this.loaded = client.compile(name, spec.text, spec.flags);
    try {
      this.checkOutputs();
    } catch (error) {
      client.destroyProgram(this.loaded);
      throw error;
    }
    // A variable that the program does not replace must outlive the run, whatever the text lets it reuse.
    const replaced = new Set(outputs.map((port) => port.name));
    const kept = inputs.flatMap((port, i) =>
      this.names.has(port.name) && !replaced.has(port.name) ? [i] : [],
    );
    this.execution = client.prepare(this.loaded, inputs.length, outputs.length, kept);
  }

  run(feed: readonly Named[]): Work {
    const { client, session, spec } = this;
    session.refuseBroken();
    const state = spec.inputs.map(({ name }) => (this.names.has(name) ? session.bufferOf(name) : undefined));
    const fed = new Map<string, Uploaded>();
    const events: Begun[] = [];
    const values: Named[] = [];
    const work: Work = { events, buffers: [], values, lose: this.changes ? session.loser() : undefined };
    try {
      for (const { name, values: numbers } of feed) {
        const port = spec.inputs.find((each) => each.name === name);
        if (!port) throw new RxaugError(`PJRT program '${spec.name}': it has no input '${name}'`);
        const uploaded = client.upload(port, numbers);
        fed.set(name, uploaded);
        events.push(uploaded);
        work.buffers.push(uploaded.buffer);
      }
      const inputs = spec.inputs.map(({ name }, i) => state[i] ?? fed.get(name)?.buffer);
      const lacking = inputs.indexOf(undefined);
      if (lacking >= 0)
        throw new RxaugError(
          `PJRT program '${spec.name}': input '${spec.inputs[lacking].name}' was not fed; feed it`,
        );
      const { outputs, event } = this.execution.run(inputs as Address[]);
      events.push({ event, held: this.execution });
      for (const [i, port] of spec.outputs.entries()) {
        if (this.names.has(port.name)) session.replace(port.name, outputs[i]);
        else work.buffers.push(outputs[i]);
      }
      for (const [i, port] of spec.outputs.entries()) {
        if (this.names.has(port.name)) continue;
        const numbers = room(port);
        if (numbers.length > 0) events.push(client.download(outputs[i], port, numbers));
        values.push({ name: port.name, values: numbers });
      }
    } catch (error) {
      work.failure = messageOf(error);
    }
    return work;
  }

  dispose(): void {
    this.client.destroyProgram(this.loaded);
  }

  /** The numbers of a wrong declaration would be read as others without a word. */
  private checkOutputs(): void {
    const { name, outputs } = this.spec;
    const made = this.client.outputsOf(this.loaded);
    const text = (ports: readonly { shape: readonly number[]; dtype: string }[]) =>
      ports.map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`);
    if (made.length !== outputs.length)
      throw new RxaugError(
        `PJRT program '${name}': ${outputs.length} outputs are declared and it has ${made.length}; declare those of its text`,
      );
    const [declared, real] = [text(outputs), text(made)];
    const wrong = declared.findIndex((each, i) => each !== real[i]);
    if (wrong >= 0)
      throw new RxaugError(
        `PJRT program '${name}': output '${outputs[wrong].name}' is declared ${declared[wrong]} and is ${real[wrong]}; declare what its text gives`,
      );
  }
}
