/** A client of a PJRT plugin on its first device: compiles programs, and holds and moves buffers. Calls may block. */
import { RxaugError } from '../../core/index.js';
import type { PjrtApi } from './api.js';
import { bytesOf, DTYPES, dtypeOf, type PjrtValues, type Port } from './dtypes.js';
import { type ClientOptions, type CompileFlags, compileOptions, namedValues } from './options.js';
import { clientSentence, compileSentence, runSentence } from './sentences.js';
import { type Address, bytes, count, list, struct, word } from './structs.js';

/** kImmutableUntilTransferCompletes: memory may be read until the event of the upload. */
const UNTIL_TRANSFERRED = 1;

/** Something that the device has begun, with the memory that it may use until then. */
export interface Begun {
  readonly event: Address;
  readonly held: unknown;
}

export interface Uploaded extends Begun {
  readonly buffer: Address;
}

/** The numbers of a tensor without any: a plugin wants an address all the same. */
const NOTHING = new Uint8Array(8);

/** What the plugin reads of a shape. */
interface Layout {
  readonly sides: BigUint64Array;
  readonly order: BigUint64Array;
  readonly rowMajor: Buffer;
}

export class PjrtClient {
  readonly platform: string;
  readonly platformVersion: string;
  /** What the plugin calls each device, such as 'NVIDIA H100 80GB HBM3'. */
  readonly devices: readonly string[];
  private readonly client: Address;
  private readonly device: Address;
  private readonly layouts = new WeakMap<Port, Layout>();

  /** @throws RxaugError where there is no device or no driver */
  constructor(
    readonly api: PjrtApi,
    options: ClientOptions = {},
  ) {
    const { array, held } = namedValues(api, options);
    const args = api.args('createClient', {
      2: api.addressOf(array),
      3: Object.keys(options).length,
    });
    try {
      this.client = word(api.call('createClient', args), 8);
    } catch (error) {
      throw clientSentence(api.file, error);
    }
    held.length = 0; // until here the plugin read what it holds
    const textOf = (name: 'platformName' | 'platformVersion') => {
      const answer = api.call(name, api.args(name, { 2: this.client }));
      return api.text(word(answer, 3), count(answer, 4));
    };
    this.platform = textOf('platformName');
    this.platformVersion = textOf('platformVersion');
    const listed = api.call('devices', api.args('devices', { 2: this.client }));
    const devices = api.pointers(word(listed, 3), count(listed, 4));
    if (devices.length === 0) {
      this.close();
      throw new RxaugError(
        `PJRT plugin ${api.file}: it sees no device; check the driver, or take another plugin (rxaug doctor lists them)`,
      );
    }
    this.device = devices[0];
    this.devices = devices.map((device) => {
      const about = word(api.call('description', api.args('description', { 2: device })), 3);
      const kind = api.call('deviceKind', api.args('deviceKind', { 2: about }));
      return api.text(word(kind, 3), count(kind, 4));
    });
  }

  /** @throws RxaugError with the first lines of what the compiler says */
  compile(name: string, text: string, flags: CompileFlags = {}): Address {
    const { api } = this;
    const [code, format, options] = [bytes(text), bytes('mlir'), compileOptions(flags)];
    const program = struct(6, {
      2: api.addressOf(code),
      3: code.length,
      4: api.addressOf(format),
      5: format.length,
    });
    const args = api.args('compile', {
      2: this.client,
      3: api.addressOf(program),
      4: api.addressOf(options),
      5: options.length,
    });
    try {
      return word(api.call('compile', args), 6);
    } catch (error) {
      throw compileSentence(name, text, error);
    }
  }

  /** The outputs that a compiled program really has. */
  outputsOf(loaded: Address): { shape: number[]; dtype: string }[] {
    const { api } = this;
    const executable = word(api.call('executable', api.args('executable', { 2: loaded })), 3);
    try {
      const types = api.call('outputTypes', api.args('outputTypes', { 2: executable }));
      const codes = api.numbers(word(types, 3), 'int', count(types, 4));
      const args = api.args('outputShapes', { 2: executable, 3: codes.length });
      api.call('outputShapes', args);
      const ranks = api.numbers(word(args, 5), 'uint64_t', codes.length);
      const sides = api.numbers(
        word(args, 4),
        'int64_t',
        ranks.reduce((sum, rank) => sum + rank, 0),
      );
      return codes.map((code, i) => ({
        dtype: dtypeOf(code),
        shape: sides.splice(0, ranks[i]),
      }));
    } finally {
      api.call('destroyExecutable', api.args('destroyExecutable', { 2: executable }));
    }
  }

  /** Begins to copy numbers to the device; they must stay as they are until the event. */
  upload(port: Port, values: PjrtValues): Uploaded {
    const { api } = this;
    if (values.byteLength !== bytesOf(port)) throw new RangeError(`${values.byteLength} bytes`);
    const { sides } = this.layoutOf(port);
    const memory = values.length > 0 ? values : NOTHING;
    const args = api.args('upload', {
      2: this.client,
      3: api.addressOf(memory),
      4: DTYPES[port.dtype].code,
      5: port.shape.length > 0 ? api.addressOf(sides) : 0,
      6: port.shape.length,
      9: UNTIL_TRANSFERRED,
      10: this.device,
    });
    api.call('upload', args);
    return { event: word(args, 13), buffer: word(args, 14), held: [values, port] };
  }

  /** Begins to copy a buffer to `values`, in row-major order. */
  download(buffer: Address, port: Port, values: PjrtValues): Begun {
    const { api } = this;
    if (values.byteLength !== bytesOf(port)) throw new RangeError(`${values.byteLength} bytes`);
    const { rowMajor } = this.layoutOf(port);
    const args = api.args('download', {
      2: buffer,
      3: port.shape.length > 1 ? api.addressOf(rowMajor) : 0,
      4: api.addressOf(values),
      5: values.byteLength,
    });
    api.call('download', args);
    return { event: word(args, 6), held: [values, port] };
  }

  private layoutOf(port: Port): Layout {
    let layout = this.layouts.get(port);
    if (!layout) {
      const rank = port.shape.length;
      const order = list(port.shape.map((_, axis) => rank - 1 - axis));
      // Type 0 is tiled, and without tiles it is an order of axes, fastest first.
      const rowMajor = struct(10, { 2: 8 * 7, 4: this.api.addressOf(order), 5: rank });
      layout = { sides: list(port.shape), order, rowMajor };
      this.layouts.set(port, layout);
    }
    return layout;
  }

  isReady(event: Address): boolean {
    return this.api.call('isReady', this.api.args('isReady', { 2: event }))[24] !== 0;
  }

  /** Waits for an event and destroys it. @throws RxaugError what went wrong on the device */
  finish(event: Address): void {
    try {
      this.api.call('await', this.api.args('await', { 2: event }));
    } catch (error) {
      throw runSentence(error);
    } finally {
      this.api.call('destroyEvent', this.api.args('destroyEvent', { 2: event }));
    }
  }

  destroyBuffer(buffer: Address): void {
    this.api.call('destroyBuffer', this.api.args('destroyBuffer', { 2: buffer }));
  }

  destroyProgram(loaded: Address): void {
    this.api.call('destroyLoaded', this.api.args('destroyLoaded', { 2: loaded }));
  }

  /** After its buffers and programs. */
  close(): void {
    this.api.call('destroyClient', this.api.args('destroyClient', { 2: this.client }));
  }

  /** What `execute` needs again and again, made once for each program. */
  prepare(loaded: Address, inputs: number, outputs: number, kept: readonly number[]): Execution {
    return new Execution(this.api, loaded, inputs, outputs, kept);
  }
}

/** Runs a compiled program; the structs of the call are made once. */
export class Execution {
  private readonly given: BigUint64Array;
  private readonly made: BigUint64Array;
  private readonly events = list([0]);
  private readonly args: Buffer;
  /** Read by the plugin through addresses alone. */
  readonly held: unknown;

  /** @param kept inputs that must not be donated, by position */
  constructor(
    private readonly api: PjrtApi,
    loaded: Address,
    inputs: number,
    outputs: number,
    kept: readonly number[],
  ) {
    this.given = list(Array(inputs).fill(0));
    this.made = list(Array(outputs).fill(0));
    const [givens, mades] = [list([api.addressOf(this.given)]), list([api.addressOf(this.made)])];
    const notDonated = list(kept);
    const options = struct(14, { 7: kept.length > 0 ? api.addressOf(notDonated) : 0, 8: kept.length });
    this.args = struct(10, {
      2: loaded,
      3: api.addressOf(options),
      4: api.addressOf(givens),
      5: 1,
      6: inputs,
      7: api.addressOf(mades),
      8: api.addressOf(this.events),
    });
    this.held = [givens, mades, notDonated, options];
  }

  /** Begins a run. The buffers of outputs can be used, and inputs be destroyed, at once. */
  run(inputs: readonly Address[]): { outputs: Address[]; event: Address } {
    for (const [i, input] of inputs.entries()) this.given[i] = input;
    try {
      this.api.call('execute', this.args);
    } catch (error) {
      throw runSentence(error);
    }
    return { outputs: [...this.made], event: this.events[0] };
  }
}
