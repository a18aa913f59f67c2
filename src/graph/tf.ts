/**
 * TensorFlow.js for the folders that compute with tensors: the namespace `tf`, loaded at its first use. Importing rxaug
 * therefore needs no TensorFlow.js, and augmentation alone never loads it.
 *
 * `require` of @tensorflow/tfjs-core gives the module that `import` gives, so there is one engine in a process. After
 * the first use `tf` holds the module's own functions, so a call costs what it would without this file.
 */
import { createRequire } from 'node:module';
// biome-ignore lint/suspicious/noTsIgnore: an error is expected only where the package is absent
/** @ts-ignore Without the package, all that is a tensor is `any` in the types of rxaug. */
import type * as core from '@tensorflow/tfjs-core';
import { requireOptional } from '../core/index.js';

const require = createRequire(import.meta.url);

function load(): typeof core {
  const module = requireOptional(require, '@tensorflow/tfjs-core', 'TensorFlow.js') as typeof core;
  Object.setPrototypeOf(Object.assign(namespace, module), null);
  return module;
}

/** Called only for missing names: at the first access, before the module is loaded. */
const unloaded = new Proxy(Object.create(null) as object, {
  get: (_, name) => (typeof name === 'string' ? Reflect.get(load(), name) : undefined),
  has: (_, name) => typeof name === 'string' && Reflect.has(load(), name),
});

const namespace = Object.create(unloaded) as typeof core;

/**
 * The functions of @tensorflow/tfjs-core.
 *
 * @throws RxaugError at the first use where the package is not installed
 */
export const tf: typeof core = namespace;

/** All that the package exports, by name. */
export const exportsOfTf = (): Readonly<Record<string, unknown>> => ({ ...load() });

/** `tf.customGrad`, made at its first call: for functions that are made when a module loads. */
export function customGrad<T extends tf.Tensor>(
  f: Parameters<typeof core.customGrad<T>>[0],
): (...args: tf.Tensor[]) => T {
  let made: ((...args: tf.Tensor[]) => T) | undefined;
  return (...args) => {
    made ??= tf.customGrad<T>(f);
    return made(...args);
  };
}

/** The types of the package that rxaug uses. */
export declare namespace tf {
  export type Tensor<R extends core.Rank = core.Rank> = core.Tensor<R>;
  export type Scalar = core.Scalar;
  export type Tensor1D = core.Tensor1D;
  export type Tensor2D = core.Tensor2D;
  export type Tensor3D = core.Tensor3D;
  export type Tensor4D = core.Tensor4D;
  export type Rank = core.Rank;
  export type DataType = core.DataType;
  export type TensorInfo = core.TensorInfo;
  export type TensorContainer = core.TensorContainer;
  export type NamedTensorMap = core.NamedTensorMap;
  export type NamedTensorInfoMap = core.NamedTensorInfoMap;
  export type NamedAttrMap = core.NamedAttrMap;
  export type GradSaveFunc = core.GradSaveFunc;
  export type KernelFunc = core.KernelFunc;
  export type KernelBackend = core.KernelBackend;
  export type DataStorage<T> = core.DataStorage<T>;
  export type AvgPoolGradAttrs = core.AvgPoolGradAttrs;
  export type MaxPoolGradAttrs = core.MaxPoolGradAttrs;
  export type Conv2DBackpropFilterAttrs = core.Conv2DBackpropFilterAttrs;
  export type DepthwiseConv2dNativeBackpropFilterAttrs = core.DepthwiseConv2dNativeBackpropFilterAttrs;
  export type DepthwiseConv2dNativeBackpropInputAttrs = core.DepthwiseConv2dNativeBackpropInputAttrs;
  export type ResizeNearestNeighborGradAttrs = core.ResizeNearestNeighborGradAttrs;
  export type UnsortedSegmentSumAttrs = core.UnsortedSegmentSumAttrs;
  export namespace backend_util {
    export type Conv2DInfo = core.backend_util.Conv2DInfo;
  }
}
