/** Types of numbers by TensorProto.DataType: those of inputs and outputs, and the width of all. */

/** Types of inputs and outputs, and the arrays that hold them here. */
const PORTS = {
  1: ['float32', Float32Array],
  2: ['uint8', Uint8Array],
  3: ['int8', Int8Array],
  4: ['uint16', Uint16Array],
  5: ['int16', Int16Array],
  6: ['int32', Int32Array],
  /** Numbers that do not fit in 32 bits are refused on arrival. */
  7: ['int64', Int32Array],
  9: ['bool', Uint8Array],
  /** Node has no such array before 24; half floats are converted where onnxruntime takes them. */
  10: ['float16', Float32Array],
  11: ['float64', Float64Array],
  12: ['uint32', Uint32Array],
  13: ['uint64', Uint32Array],
} as const;

type Entry = (typeof PORTS)[keyof typeof PORTS];
/** Types of numbers of a model's inputs and outputs. */
export type OnnxDtype = Entry[0];
/**
 * Arrays for the numbers of inputs and outputs: float16 is passed as Float32Array, int64 as Int32Array, uint64 as
 * Uint32Array, bool as Uint8Array.
 */
export type Values =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

const entries: readonly Entry[] = Object.values(PORTS);
const arrays = new Map<string, Entry[1]>(entries);

export const ONNX_DTYPES = entries.map(([dtype]) => dtype) as [OnnxDtype, ...OnnxDtype[]];

export const dtypeOf = (elemType: number): OnnxDtype | undefined =>
  (PORTS as Readonly<Record<number, Entry>>)[elemType]?.[0];

/** The class of array that holds numbers of a type. */
export const arrayOf = (dtype: OnnxDtype): Entry[1] => arrays.get(dtype) as Entry[1];

/** Names of unsupported types, for messages. */
const OTHERS: Readonly<Record<number, string>> = {
  8: 'strings',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  ...{ 17: 'float8', 18: 'float8', 19: 'float8', 20: 'float8', 24: 'float8' },
  ...{ 21: 'uint4', 22: 'int4', 23: 'float4', 25: 'uint2', 26: 'int2' },
};
export const nameOf = (elemType: number): string =>
  dtypeOf(elemType) ?? OTHERS[elemType] ?? `type ${elemType}`;

/** Of one number. Strings have no width. */
const BITS: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128 },
  ...{ 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2 },
};
const COMPLEX: ReadonlySet<number> = new Set([14, 15]);

/** Size of `count` numbers: bytes if raw, entries if listed. */
export function room(elemType: number, count: number): { bytes: number; listed: number } | undefined {
  const bits = BITS[elemType];
  if (!bits) return undefined;
  const bytes = Math.ceil((count * bits) / 8);
  // Numbers smaller than a byte are packed, and complex numbers are two.
  return { bytes, listed: COMPLEX.has(elemType) ? 2 * count : bits < 8 ? bytes : count };
}
