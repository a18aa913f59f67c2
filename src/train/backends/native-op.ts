/**
 * Calls any TensorFlow operation by its name, on the native backend:
 * `nativeOp('FusedBatchNormV3', { T: type('float32'), epsilon: float(1e-3), is_training: true }, [x, …], 6)`.
 * The outputs belong to the tidy scope around the call, like those of any tfjs function. No gradient is
 * recorded; use `tf.customGrad` to define one.
 */

import { expected, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { kernelBackend } from './native.js';
import type { Binding, OpAttribute } from './native-tensorflow.js';

/** An attribute with its type, because JavaScript has one type of number and TensorFlow has several. */
export type NativeAttribute =
  | boolean
  | string
  | { readonly float: number }
  | { readonly int: number | readonly number[] }
  | { readonly type: tf.DataType }
  | { readonly shape: readonly number[] };

export const float = (value: number): NativeAttribute => ({ float: value });
export const int = (value: number | readonly number[]): NativeAttribute => ({ int: value });
export const type = (dtype: tf.DataType): NativeAttribute => ({ type: dtype });
export const shape = (dims: readonly number[]): NativeAttribute => ({ shape: dims });

/** Whether native TensorFlow is the current backend. */
export function isNative(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** `outputs` must be the number of outputs of the operation; it is not checked. */
export function nativeOp(
  name: string,
  attributes: Readonly<Record<string, NativeAttribute>>,
  inputs: readonly tf.Tensor[],
  outputs = 1,
): tf.Tensor[] {
  if (!isNative()) {
    throw new UsageError(
      expected(
        `nativeOp(${name})`,
        "the backend 'tensorflow'",
        tf.getBackend(),
        "load it with loadBackend('tensorflow')",
      ),
    );
  }
  const backend = kernelBackend();
  const list = Object.entries(attributes).map(([key, value]) => opAttribute(backend.binding, key, value));
  return backend.executeMultipleOutputs(name, list, inputs as tf.Tensor[], outputs);
}

function opAttribute(binding: Binding, name: string, value: NativeAttribute): OpAttribute {
  if (typeof value === 'boolean') return { name, type: binding.TF_ATTR_BOOL, value };
  if (typeof value === 'string') return { name, type: binding.TF_ATTR_STRING, value };
  if ('float' in value) return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
  if ('int' in value) return { name, type: binding.TF_ATTR_INT, value: value.int };
  if ('shape' in value) return { name, type: binding.TF_ATTR_SHAPE, value: value.shape };
  return { name, type: binding.TF_ATTR_TYPE, value: typeNumber(binding, name, value.type) };
}

function typeNumber(binding: Binding, attribute: string, dtype: tf.DataType): number {
  switch (dtype) {
    case 'float32':
      return binding.TF_FLOAT;
    case 'int32':
      return binding.TF_INT32;
    case 'bool':
      return binding.TF_BOOL;
    case 'string':
      return binding.TF_STRING;
    default:
      throw new UsageError(expected(`attribute ${attribute}`, 'float32, int32, bool or string', dtype));
  }
}
