/**
 * The table of functions of a PJRT plugin, called through koffi. The table grows only at its end within major version 0,
 * so a function keeps its place; sizes of structs are those of version 0.90 and were checked with 0.115 and 0.116.
 */
import { createRequire } from 'node:module';
import { messageOf, RxaugError, requireOptional } from '../../core/index.js';
import { checkLibrary } from './elf.js';
import { nvidiaLibraries } from './nvidia-libraries.js';
import { type Address, count, type KoffiModule, put, struct, word } from './structs.js';

/** Places in the table, and words of the struct that each takes. */
const CALLS = {
  destroyError: [0, 3],
  message: [1, 5],
  errorCode: [2, 4],
  initialize: [3, 2],
  destroyEvent: [5, 3],
  isReady: [6, 4],
  await: [8, 3],
  createClient: [10, 11],
  destroyClient: [11, 3],
  platformName: [12, 5],
  platformVersion: [14, 5],
  devices: [16, 5],
  compile: [20, 7],
  upload: [22, 15],
  deviceKind: [26, 5],
  description: [29, 4],
  destroyExecutable: [40, 3],
  countOutputs: [44, 4],
  destroyLoaded: [50, 3],
  executable: [51, 4],
  execute: [55, 10],
  destroyBuffer: [58, 3],
  download: [70, 7],
  outputTypes: [90, 5],
  outputShapes: [91, 6],
} as const;

export type Call = keyof typeof CALLS;

/** The oldest minor version whose structs are as large as ours. */
const OLDEST = 90;
/** Where the table begins: after its size, its extensions and the version (size, extensions, major, minor). */
const TABLE = 40;

/** PJRT_Error_Code. */
export const RESOURCE_EXHAUSTED = 8;

/** What a plugin answered to a call. */
export class PjrtError extends Error {
  constructor(
    readonly call: Call,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export class PjrtApi {
  /** `0.115`. */
  readonly version: string;
  private readonly functions: Readonly<Record<Call, unknown>>;
  private readonly proto: unknown;
  private readonly koffi: KoffiModule;

  /** @throws RxaugError where the file is no plugin that can be used here */
  constructor(readonly file: string) {
    checkLibrary(file);
    const require = createRequire(import.meta.url);
    this.koffi = requireOptional(require, 'koffi', 'a PJRT plugin') as KoffiModule;
    const { koffi } = this;
    const where = `PJRT plugin ${file}`;
    for (const each of nvidiaLibraries(file)) {
      try {
        koffi.load(each);
        keepLoaded(koffi, each);
      } catch {
        // The plugin looks for it again when it needs it, and says what it lacks.
      }
    }
    let library: ReturnType<KoffiModule['load']>;
    try {
      library = koffi.load(file);
      keepLoaded(koffi, file);
    } catch (error) {
      const why = messageOf(error).split('\n')[0];
      throw new RxaugError(`${where}: it does not load (${why}); ${fixForLoading(why)}`, { cause: error });
    }
    let table: unknown;
    try {
      table = library.func('void *GetPjrtApi()')();
    } catch (error) {
      const fix = 'run rxaug setup --xla cpu, or give the file of a PJRT plugin';
      throw new RxaugError(`${where}: it has no function GetPjrtApi; ${fix}`, { cause: error });
    }
    if (!table) throw new RxaugError(`${where}: it gives no table of functions; give another plugin`);
    const [major, minor] = [koffi.decode(table, 32, 'int'), koffi.decode(table, 36, 'int')] as number[];
    this.version = `${major}.${minor}`;
    checkVersion(where, major, minor, Number(koffi.decode(table, 0, 'uint64_t')));
    this.functions = Object.fromEntries(
      Object.entries(CALLS).map(([name, [place]]) => [
        name,
        koffi.decode(table, TABLE + 8 * place, 'void *'),
      ]),
    ) as Record<Call, unknown>;
    const absent = Object.entries(this.functions).find(([, pointer]) => !pointer);
    if (absent) throw new RxaugError(`${where}: it lacks the function '${absent[0]}'; give another plugin`);
    this.proto = koffi.proto('void *RxaugPjrtCall(void *args)');
    this.call('initialize', this.args('initialize'));
  }

  /** Structs that are used again: the plugin reads them only while it is called. */
  private readonly structs = new Map<Call, Buffer>();

  /** The struct of a call, with values by position; it holds its results until the same call is made again. */
  args(name: Call, values: Readonly<Record<number, bigint | number>> = {}): Buffer {
    let made = this.structs.get(name);
    if (made) made.fill(0, 8);
    else {
      made = struct(CALLS[name][1]);
      this.structs.set(name, made);
    }
    for (const [field, value] of Object.entries(values)) put(made, Number(field), value);
    return made;
  }

  /**
   * Calls a function and gives its struct back, results within. All memory that the struct points to must be held by the
   * caller, until the event that the call gives, if any, is ready.
   *
   * @throws PjrtError what the plugin answered; its error is destroyed
   */
  call(name: Call, args: Buffer): Buffer {
    const { koffi, functions, proto } = this;
    const error = koffi.call(functions[name], proto, args);
    if (!error) return args;
    const address = koffi.address(error);
    const answer = this.args('message', { 2: address });
    koffi.call(functions.message, proto, answer);
    const coded = this.args('errorCode', { 2: address });
    // A failure to give the code would itself be an error to destroy; 2 is 'unknown'.
    const second = koffi.call(functions.errorCode, proto, coded);
    const code = second ? 2 : coded.readInt32LE(24);
    const message = this.text(word(answer, 3), count(answer, 4));
    for (const each of [error, second])
      if (each)
        koffi.call(functions.destroyError, proto, this.args('destroyError', { 2: koffi.address(each) }));
    throw new PjrtError(name, code, message);
  }

  /** A text that the plugin owns. */
  text(at: Address, length: number): string {
    if (length === 0) return '';
    const { koffi } = this;
    return Buffer.from(koffi.decode(at, koffi.array('uint8_t', length, 'Array')) as number[]).toString();
  }

  /** `length` numbers of the plugin's memory. */
  numbers(at: Address, type: 'uint64_t' | 'int64_t' | 'int', length: number): number[] {
    if (length === 0) return [];
    const { koffi } = this;
    return Array.from(koffi.decode(at, koffi.array(type, length, 'Array')) as (number | bigint)[], (value) =>
      Number(value),
    );
  }

  pointers(at: Address, length: number): Address[] {
    if (length === 0) return [];
    const { koffi } = this;
    return Array.from(
      koffi.decode(at, koffi.array('uint64_t', length, 'Array')) as (number | bigint)[],
      (value) => BigInt(value),
    );
  }

  /** Where numbers lie; the memory is outside the heap from then on, and stays where it is while it is held. */
  addressOf(memory: ArrayBufferView): Address {
    return this.koffi.address(memory);
  }
}

/** Refuses a table of another major version, of one older than our structs, or too short. */
export function checkVersion(where: string, major: number, minor: number, size: number): void {
  const entries = Math.max(...Object.values(CALLS).map(([place]) => place)) + 1;
  if (major === 0 && minor >= OLDEST && size >= TABLE + 8 * entries) return;
  throw new RxaugError(
    `${where}: its C API has version ${major}.${minor} and rxaug needs 0.${OLDEST} or a later 0.x; run rxaug setup --xla with its kind, or give another plugin`,
  );
}

/** RTLD_NODELETE. */
const NEVER_UNLOAD: Partial<Record<NodeJS.Platform, number>> = { linux: 0x1000, darwin: 0x80 };
const RTLD_LAZY = 1;

/**
 * Keeps a library for the life of the process. koffi unloads it with its thread, but a plugin leaves threads and handlers of
 * the process's end behind, and their code must still be there.
 */
function keepLoaded(koffi: KoffiModule, file: string): void {
  const flag = NEVER_UNLOAD[process.platform];
  if (flag === undefined) return;
  const dlopen = koffi.load(null).func('void *dlopen(const char *name, int flags)');
  dlopen(file, RTLD_LAZY | flag);
}

function fixForLoading(why: string): string {
  const library = /(lib[\w.+-]+\.so[\w.]*): cannot open/.exec(why)?.[1];
  if (library)
    return `install the package of the system that has ${library} (for AMD: ROCm 7), or run rxaug setup --xla cpu`;
  return 'run rxaug setup --xla cpu, or give another file';
}
