/**
 * A computation as data: the calls of TensorFlow.js kernels in order. It does not depend on a file format: the `op` of a
 * node is the name of a kernel in tfjs ('Conv2D', 'Relu', or one registered here), and each writer decides which kernels
 * it supports.
 *
 * The batch axis may be open: a size is then a multiple of B (`{ batch: 2 }` is 2·B).
 */
import type { tf } from './tf.js';

/** A multiple of the batch size. */
interface OfBatch {
  readonly batch: number;
}

export type Size = number | OfBatch;

/** A tensor of the computation: an input, an intermediate value or an output. Identity is that of the object. */
export interface Value {
  /** Unique in its graph: that of an input or a parameter, else '%7'. */
  readonly name: string;
  readonly shape: readonly Size[];
  readonly dtype: tf.DataType;
}

export type Numbers = Float32Array | Int32Array | Uint8Array;

/** Whether all numbers are the same, −0 and 0 being two; false where there are none. */
export function isUniform(data: ArrayLike<number>): boolean {
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return false;
  return data.length > 0;
}

/** A value with known numbers. */
export interface Known {
  readonly value: Value;
  readonly data: Numbers;
}

/** Plain JSON, in which a number may be a multiple of the batch. */
export type Attribute = null | boolean | string | Size | readonly Attribute[];
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: string;
  /** By tfjs's names ('x', 'filter'), or '0', '1', … where a kernel takes a list. */
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/** A computation as data: its inputs, parameters, constants, nodes (kernels of TensorFlow.js) and outputs. */
export interface Graph {
  readonly inputs: readonly Value[];
  /** Named values with numbers: weights. A writer may keep them changeable. */
  readonly params: readonly Known[];
  /** Constants of the function. */
  readonly constants: readonly Known[];
  /** In an order in which each comes after the nodes whose outputs it uses. */
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, Value>>;
}

export function isOpen(size: Attribute): size is OfBatch {
  return typeof size === 'object' && size !== null && 'batch' in size;
}

/** Whether a shape has the batch in it. */
export const hasBatch = (shape: readonly Size[]): boolean => shape.some(isOpen);

/** The shape for one batch size. */
export const sizesAt = (shape: readonly Size[], batch: number): number[] =>
  shape.map((size) => (isOpen(size) ? size.batch * batch : size));

/** Attributes for one batch size. */
export function attributeAt(attribute: Attribute, batch: number): Attribute {
  if (Array.isArray(attribute)) return attribute.map((inner) => attributeAt(inner, batch));
  return isOpen(attribute) ? attribute.batch * batch : attribute;
}
