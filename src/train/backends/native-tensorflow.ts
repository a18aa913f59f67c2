/** Types of the parts of native TensorFlow's binding that are used here; native.ts loads it. */
import type { tf } from '../../graph/tf.js';

/** An attribute of an operation in the format of the addon. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The kernel backend of tfjs-node, as returned by `tf.backend()`. */
export interface NativeKernelBackend {
  readonly binding: Binding;
  /** Whether TensorFlow was built for CUDA and found a device. */
  readonly isUsingGpuDevice: boolean;
  executeMultipleOutputs(
    op: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/** A TensorFlow SavedModel that runs at graph speed; its variables live in the session. */
export interface SavedModel {
  predict(inputs: tf.NamedTensorMap): tf.NamedTensorMap;
  dispose(): void;
}

export interface NativeTensorFlow {
  /** Version of libtensorflow. */
  readonly version: string;
  loadSavedModel(directory: string, tags?: string[], signature?: string): Promise<SavedModel>;
}

/** The part of tfjs-node's addon that we call. Constants are numbers of the C API. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_STRING: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}
