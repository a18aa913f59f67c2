/** Options of a client and of a compilation, in the form that the plugin reads. */
import { basename } from 'node:path';
import { RxaugError, UsageError } from '../../core/index.js';
import { encode, type MessageSchema } from '../protobuf.js';
import type { PjrtApi } from './api.js';
import { bytes, list } from './structs.js';

/**
 * Options of a client, by the names that the plugin knows. NVIDIA's knows `allocator` ('default', 'platform', 'bfc',
 * 'cuda_async'), `memory_fraction` (0..1), `preallocate` and `visible_devices` (a list of numbers).
 */
export type ClientOptions = Readonly<Record<string, string | number | boolean | readonly number[]>>;

/**
 * What a client is opened with unless options say otherwise. Plugins of GPUs would take most of the memory at once, so that
 * processes with a client each, such as the trainings of a search, could not share a device.
 */
export const defaultsFor = (plugin: string): ClientOptions =>
  /cuda|rocm/i.test(basename(plugin)) ? { preallocate: false } : {};

/** XLA's own flags for one program, by name, such as `{ xla_gpu_deterministic_ops: true }`. */
export type CompileFlags = Readonly<Record<string, string | number | boolean>>;

const WORDS = 7;
/** PJRT_NamedValue_Type. */
const [STRING, INT64, INT64_LIST, FLOAT, BOOL] = [0, 1, 2, 3, 4];
/** A whole number is an integer to the plugin, but these are fractions. */
const FRACTIONS = ['memory_fraction'];

/** An array of PJRT_NamedValue, and all that it points to. */
export function namedValues(api: PjrtApi, options: ClientOptions): { array: Buffer; held: unknown[] } {
  const entries = Object.entries(options);
  const array = Buffer.from(new ArrayBuffer(Math.max(1, 8 * WORDS * entries.length)));
  const held: unknown[] = [];
  const point = (memory: Buffer | BigUint64Array) => {
    held.push(memory);
    return api.addressOf(memory);
  };
  for (const [i, [name, value]] of entries.entries()) {
    const at = 8 * WORDS * i;
    const put = (field: number, word: bigint | number) =>
      array.writeBigUInt64LE(BigInt.asUintN(64, BigInt(word)), at + 8 * field);
    const encoded = bytes(name);
    put(0, 8 * WORDS);
    put(2, point(encoded));
    put(3, encoded.length);
    put(6, 1);
    if (typeof value === 'string') {
      const text = bytes(value);
      put(4, STRING);
      put(5, point(text));
      put(6, text.length);
    } else if (typeof value === 'boolean') {
      put(4, BOOL);
      put(5, value ? 1 : 0);
    } else if (typeof value === 'number') {
      const isWhole = Number.isInteger(value) && !FRACTIONS.includes(name);
      put(4, isWhole ? INT64 : FLOAT);
      if (isWhole) put(5, value);
      else array.writeFloatLE(value, at + 40);
    } else if (Array.isArray(value) && value.every(Number.isInteger)) {
      put(4, INT64_LIST);
      put(5, point(list(value)));
      put(6, value.length);
    } else {
      throw new UsageError(
        `PJRT client: option '${name}' is neither text, a number, true or false, nor a list of whole numbers; correct it`,
      );
    }
  }
  return { array, held };
}

const OPTION: MessageSchema = {
  text: { id: 1, type: 'string' },
  flag: { id: 2, type: 'int64' },
  whole: { id: 3, type: 'int64' },
  fraction: { id: 4, type: 'double' },
};
const COMPILE_OPTIONS: MessageSchema = {
  build: {
    id: 3,
    type: () => ({ replicas: { id: 4, type: 'int64' }, partitions: { id: 5, type: 'int64' } }),
  },
  flags: {
    id: 7,
    type: () => ({ key: { id: 1, type: 'string' }, value: { id: 2, type: () => OPTION } }),
    repeated: true,
  },
};

/** A CompileOptionsProto: one replica, one partition, and XLA's flags. */
export function compileOptions(flags: CompileFlags): Buffer {
  const encoded = encode(COMPILE_OPTIONS, {
    build: { replicas: 1, partitions: 1 },
    flags: Object.entries(flags).map(([key, value]) => ({ key, value: optionOf(key, value) })),
  });
  const made = Buffer.from(new ArrayBuffer(encoded.length));
  made.set(encoded);
  return made;
}

function optionOf(key: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'boolean') return { flag: value ? 1 : 0 };
  if (typeof value === 'number') return Number.isInteger(value) ? { whole: value } : { fraction: value };
  throw new RxaugError(`PJRT compile: flag '${key}' is neither text, a number, true nor false; correct it`);
}
