/** The messages of onnx.proto that we write and check. */
import type { Field, MessageSchema, Scalar } from '../protobuf.js';

type Type = Scalar | (() => MessageSchema);
const one = (id: number, type: Type): Field => ({ id, type });
const many = (id: number, type: Type): Field => ({ id, type, repeated: true });

const entry: MessageSchema = { key: one(1, 'string'), value: one(2, 'string') };

const tensor: MessageSchema = {
  dims: many(1, 'int64'),
  dataType: one(2, 'int64'),
  segment: one(3, 'bytes'),
  floatData: many(4, 'float'),
  int32Data: many(5, 'int64'),
  stringData: many(6, 'bytes'),
  int64Data: many(7, 'int64'),
  name: one(8, 'string'),
  rawData: one(9, 'bytes'),
  doubleData: many(10, 'double'),
  uint64Data: many(11, 'int64'),
  externalData: many(13, () => entry),
  dataLocation: one(14, 'int64'),
};

const sparseTensor: MessageSchema = {
  values: one(1, () => tensor),
  indices: one(2, () => tensor),
  dims: many(3, 'int64'),
};

const dimension: MessageSchema = { value: one(1, 'int64'), param: one(2, 'string') };
const shape: MessageSchema = { dim: many(1, () => dimension) };
const tensorType: MessageSchema = { elemType: one(1, 'int64'), shape: one(2, () => shape) };
/** Of the other kinds it is enough to know that they are there. */
const type: MessageSchema = {
  tensorType: one(1, () => tensorType),
  sequenceType: one(4, 'bytes'),
  mapType: one(5, 'bytes'),
  sparseTensorType: one(8, 'bytes'),
  optionalType: one(9, () => optionalType),
};
const optionalType: MessageSchema = { elemType: one(1, () => type) };
const valueInfo: MessageSchema = { name: one(1, 'string'), type: one(2, () => type) };

const attribute: MessageSchema = {
  name: one(1, 'string'),
  f: one(2, 'float'),
  i: one(3, 'int64'),
  s: one(4, 'bytes'),
  t: one(5, () => tensor),
  g: one(6, () => graph),
  floats: many(7, 'float'),
  ints: many(8, 'int64'),
  strings: many(9, 'bytes'),
  tensors: many(10, () => tensor),
  graphs: many(11, () => graph),
  type: one(20, 'int64'),
  sparseTensor: one(22, () => sparseTensor),
  sparseTensors: many(23, () => sparseTensor),
};

const node: MessageSchema = {
  input: many(1, 'string'),
  output: many(2, 'string'),
  name: one(3, 'string'),
  opType: one(4, 'string'),
  attribute: many(5, () => attribute),
  domain: one(7, 'string'),
};

const graph: MessageSchema = {
  node: many(1, () => node),
  name: one(2, 'string'),
  initializer: many(5, () => tensor),
  input: many(11, () => valueInfo),
  output: many(12, () => valueInfo),
  valueInfo: many(13, () => valueInfo),
  sparseInitializer: many(15, () => sparseTensor),
};

const opset: MessageSchema = { domain: one(1, 'string'), version: one(2, 'int64') };

export const model: MessageSchema = {
  irVersion: one(1, 'int64'),
  producerName: one(2, 'string'),
  producerVersion: one(3, 'string'),
  domain: one(4, 'string'),
  graph: one(7, () => graph),
  opsetImport: many(8, () => opset),
  metadataProps: many(14, () => entry),
  trainingInfo: many(20, 'bytes'),
  functions: many(25, 'bytes'),
};

/** What those messages are, in TypeScript: every field may be missing from a file. */
export interface OnnxTensor {
  readonly dims?: readonly number[];
  readonly dataType?: number;
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly segment?: Uint8Array;
  readonly floatData?: readonly number[];
  readonly int32Data?: readonly number[];
  readonly int64Data?: readonly number[];
  readonly stringData?: readonly Uint8Array[];
  readonly doubleData?: readonly number[];
  readonly uint64Data?: readonly number[];
  readonly externalData?: readonly { readonly key?: string; readonly value?: string }[];
  readonly dataLocation?: number;
}

interface OnnxSparseTensor {
  readonly values?: OnnxTensor;
  readonly indices?: OnnxTensor;
  readonly dims?: readonly number[];
}

interface OnnxTensorType {
  readonly elemType?: number;
  readonly shape?: { readonly dim?: readonly { readonly value?: number; readonly param?: string }[] };
}

export interface OnnxTypeInfo {
  readonly tensorType?: OnnxTensorType;
  readonly sequenceType?: Uint8Array;
  readonly mapType?: Uint8Array;
  readonly sparseTensorType?: Uint8Array;
  readonly optionalType?: { readonly elemType?: OnnxTypeInfo };
}

export interface OnnxValueInfo {
  readonly name?: string;
  readonly type?: OnnxTypeInfo;
}

/** A tensor, also one that may be absent: it can be given like any other. */
export const tensorTypeOf = ({ type }: OnnxValueInfo): OnnxTensorType | undefined =>
  type?.tensorType ?? type?.optionalType?.elemType?.tensorType;

export interface OnnxAttribute {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: OnnxTensor;
  readonly g?: OnnxGraph;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
  readonly tensors?: readonly OnnxTensor[];
  readonly graphs?: readonly OnnxGraph[];
  readonly type?: number;
  readonly sparseTensor?: OnnxSparseTensor;
  readonly sparseTensors?: readonly OnnxSparseTensor[];
}

export interface OnnxNode {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute?: readonly OnnxAttribute[];
  readonly domain?: string;
}

export interface OnnxGraph {
  readonly node?: readonly OnnxNode[];
  readonly name?: string;
  readonly initializer?: readonly OnnxTensor[];
  readonly sparseInitializer?: readonly OnnxSparseTensor[];
  readonly input?: readonly OnnxValueInfo[];
  readonly output?: readonly OnnxValueInfo[];
  readonly valueInfo?: readonly OnnxValueInfo[];
}

export interface OnnxModel {
  readonly irVersion?: number;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly graph?: OnnxGraph;
  readonly opsetImport?: readonly { readonly domain?: string; readonly version?: number }[];
  readonly metadataProps?: readonly { readonly key?: string; readonly value?: string }[];
  readonly trainingInfo?: readonly Uint8Array[];
  readonly functions?: readonly Uint8Array[];
}

/** TensorProto.DataType of the types that tfjs has, and int64, which ONNX uses for shapes. */
export const dataTypes = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxType = keyof typeof dataTypes;

/** AttributeProto.AttributeType */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;
