/** Types of numbers that programs take and give. */
import { UsageError } from '../../core/index.js';

/**
 * Numbers of a tensor in row-major order: float32 as Float32Array, int32 as Int32Array, bool and uint8 as Uint8Array
 * (bool: 0 or 1), bfloat16 as Uint16Array of its bits.
 */
export type PjrtValues = Float32Array | Int32Array | Uint8Array | Uint16Array;

export type PjrtDtype = 'float32' | 'int32' | 'bool' | 'uint8' | 'bfloat16';

/** Name, shape and type of an input, an output or a variable. */
export interface Port {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: PjrtDtype;
}

interface Dtype {
  /** PJRT_Buffer_Type. */
  readonly code: number;
  /** In the text of a program. */
  readonly mlir: string;
  readonly array: {
    new (length: number): PjrtValues;
    new (memory: ArrayBufferLike, offset?: number, length?: number): PjrtValues;
    readonly BYTES_PER_ELEMENT: number;
  };
}

export const DTYPES: Readonly<Record<PjrtDtype, Dtype>> = {
  bool: { code: 1, mlir: 'i1', array: Uint8Array },
  int32: { code: 4, mlir: 'i32', array: Int32Array },
  uint8: { code: 6, mlir: 'ui8', array: Uint8Array },
  float32: { code: 11, mlir: 'f32', array: Float32Array },
  bfloat16: { code: 13, mlir: 'bf16', array: Uint16Array },
};

/** `float32` for 11; the number itself for a type that is not used here. */
export const dtypeOf = (code: number): string =>
  Object.entries(DTYPES).find(([, dtype]) => dtype.code === code)?.[0] ?? `type ${code}`;

export const countOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);

export const bytesOf = ({ shape, dtype }: Pick<Port, 'shape' | 'dtype'>): number =>
  countOf(shape) * DTYPES[dtype].array.BYTES_PER_ELEMENT;

/** `tensor<2x3xf32>`. */
export const mlirType = ({ shape, dtype }: Pick<Port, 'shape' | 'dtype'>): string =>
  `tensor<${[...shape, DTYPES[dtype].mlir].join('x')}>`;

/** Refuses a port with an unknown type or a size that is no whole number, and two of one name. */
export function checkPorts(where: string, what: string, ports: readonly Port[]): void {
  const names = new Set<string>();
  for (const { name, shape, dtype } of ports) {
    if (!Object.hasOwn(DTYPES, dtype))
      throw new UsageError(
        `${where}: ${what} '${name}' has the type '${dtype}'; use one of ${Object.keys(DTYPES).join(', ')}`,
      );
    if (!shape.every((side) => Number.isInteger(side) && side >= 0))
      throw new UsageError(
        `${where}: ${what} '${name}' has the shape [${shape.join(', ')}]; sizes are whole numbers`,
      );
    if (names.has(name)) throw new UsageError(`${where}: two ${what}s are named '${name}'; rename one`);
    names.add(name);
  }
}

/** Refuses values of another array type or of another length than the port has. */
export function checkValues(where: string, port: Port, values: unknown): asserts values is PjrtValues {
  const { array } = DTYPES[port.dtype];
  const count = countOf(port.shape);
  if (values instanceof array && values.length === count) return;
  const received =
    ArrayBuffer.isView(values) && !(values instanceof DataView)
      ? `${values.constructor.name} of ${(values as PjrtValues).length}`
      : values === undefined
        ? 'nothing'
        : typeof values;
  throw new UsageError(
    `${where}: expected ${(array as unknown as { name: string }).name} of ${count} numbers for '${port.name}' (${port.dtype} [${port.shape.join(', ')}]) but received ${received}`,
  );
}
