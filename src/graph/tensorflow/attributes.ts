/** Attributes of TensorFlow's operations: JavaScript has one type of number and TensorFlow several. */
import type { Numbers, Value } from '../graph.js';
import { type AttributeDef, dataTypes, shapeDef, type TensorFlowType } from './schema.js';

export const type = (dtype: TensorFlowType): AttributeDef => ({ type: dataTypes[dtype] });
export const int = (i: number): AttributeDef => ({ i });
export const ints = (i: readonly number[]): AttributeDef => ({ list: { i } });
export const float = (f: number): AttributeDef => ({ f });
export const bool = (b: boolean): AttributeDef => ({ b: b ? 1 : 0 });
export const text = (s: string): AttributeDef => ({ s: Buffer.from(s) });
export const shape = (sizes: readonly number[]): AttributeDef => ({ shape: shapeDef(sizes) });

export const tensor = (dtype: TensorFlowType, sizes: readonly number[], data: Numbers): AttributeDef => ({
  tensor: {
    dtype: dataTypes[dtype],
    shape: shapeDef(sizes),
    content: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  },
});

/** Where the number of a tensor that has but one stands. */
const SINGLE = { float32: 'floats', int32: 'ints', bool: 'bools' } as const;

/** A tensor of one number everywhere, which the file holds once. */
export const uniform = (dtype: TensorFlowType, sizes: readonly number[], number: number): AttributeDef => ({
  tensor: { dtype: dataTypes[dtype], shape: shapeDef(sizes), [SINGLE[dtype]]: [number] },
});

/** The type of a value; a graph has no others. */
export const typeOf = ({ dtype }: Value): TensorFlowType => dtype as TensorFlowType;
