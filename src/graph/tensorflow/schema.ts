/** The messages of TensorFlow's saved_model.proto that a SavedModel without a checkpoint needs. */
import type { Field, MessageSchema, Scalar } from '../protobuf.js';

type Type = Scalar | (() => MessageSchema);
const one = (id: number, type: Type): Field => ({ id, type });
const many = (id: number, type: Type): Field => ({ id, type, repeated: true });
/** A map is a list of messages { key, value }. */
const map = (id: number, value: () => MessageSchema): Field => {
  const entry: MessageSchema = { key: one(1, 'string'), value: one(2, value) };
  return many(id, () => entry);
};

const dim: MessageSchema = { size: one(1, 'int64') };
const shape: MessageSchema = { dim: many(2, () => dim) };

const tensor: MessageSchema = {
  dtype: one(1, 'int64'),
  shape: one(2, () => shape),
  content: one(4, 'bytes'),
  // In place of `content`: the last number is repeated until the shape is full.
  floats: many(5, 'float'),
  ints: many(7, 'int64'),
  bools: many(11, 'int64'),
};

/** One of them is set. */
const attribute: MessageSchema = {
  list: one(1, () => list),
  s: one(2, 'bytes'),
  i: one(3, 'int64'),
  f: one(4, 'float'),
  b: one(5, 'int64'),
  type: one(6, 'int64'),
  shape: one(7, () => shape),
  tensor: one(8, () => tensor),
};
const list: MessageSchema = { i: many(3, 'int64') };

const node: MessageSchema = {
  name: one(1, 'string'),
  op: one(2, 'string'),
  input: many(3, 'string'),
  attr: map(5, () => attribute),
};

const versions: MessageSchema = { producer: one(1, 'int64'), minConsumer: one(2, 'int64') };
const graph: MessageSchema = { node: many(1, () => node), versions: one(4, () => versions) };

const tensorInfo: MessageSchema = {
  name: one(1, 'string'),
  dtype: one(2, 'int64'),
  shape: one(3, () => shape),
};
const signature: MessageSchema = {
  inputs: map(1, () => tensorInfo),
  outputs: map(2, () => tensorInfo),
  methodName: one(3, 'string'),
};

const metaInfo: MessageSchema = { tags: many(4, 'string') };
const metaGraph: MessageSchema = {
  info: one(1, () => metaInfo),
  graph: one(2, () => graph),
  signatures: map(5, () => signature),
};

export const savedModel: MessageSchema = {
  version: one(1, 'int64'),
  metaGraphs: many(2, () => metaGraph),
};

/** For reading what a file can be asked for, without its graph. */
const signaturesAlone: MessageSchema = { signatures: metaGraph.signatures };
export const savedSignatures: MessageSchema = { metaGraphs: many(2, () => signaturesAlone) };

/** Numbers of DataType. */
export const dataTypes = { float32: 1, int32: 3, bool: 10 } as const;
export type TensorFlowType = keyof typeof dataTypes;

interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

interface ShapeDef {
  readonly dim: readonly { readonly size: number }[];
}

/** An attribute as it is encoded. */
export type AttributeDef =
  | { readonly s: Uint8Array }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: 0 | 1 }
  | { readonly type: number }
  | { readonly shape: ShapeDef }
  | { readonly list: { readonly i: readonly number[] } }
  | {
      readonly tensor: {
        readonly dtype: number;
        readonly shape: ShapeDef;
        readonly content?: Uint8Array;
        readonly floats?: readonly number[];
        readonly ints?: readonly number[];
        readonly bools?: readonly number[];
      };
    };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: readonly Entry<AttributeDef>[];
}

export interface TensorDef {
  readonly name: string;
  readonly dtype: number;
  readonly shape: ShapeDef;
}

export interface SignatureDef {
  readonly inputs: readonly Entry<TensorDef>[];
  readonly outputs: readonly Entry<TensorDef>[];
  readonly methodName: string;
}

export interface SavedModelDef {
  readonly version: number;
  readonly metaGraphs: readonly {
    readonly info: { readonly tags: readonly string[] };
    readonly graph: { readonly node: readonly NodeDef[]; readonly versions: { readonly producer: number } };
    readonly signatures: readonly Entry<SignatureDef>[];
  }[];
}

export const shapeDef = (sizes: readonly number[]): ShapeDef => ({ dim: sizes.map((size) => ({ size })) });
