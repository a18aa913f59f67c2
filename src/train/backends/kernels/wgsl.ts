/** The part of tfjs's WebGPU backend that the kernels here call, and its description of a shader. */
import { tf } from '../../../graph/tf.js';

export interface WebGpuBackend extends tf.KernelBackend {
  readonly device: GPUDevice;
  runWebGPUProgram(
    program: WgslProgram,
    inputs: readonly tf.TensorInfo[],
    dtype: tf.DataType,
    uniforms: readonly Uniform[],
  ): tf.TensorInfo;
}

/** A uniform; up to 6 numbers are a vector. */
export interface Uniform {
  readonly type: 'int32' | 'float32';
  readonly data: number[];
}

/** A shader with one thread for each number of its output. The same key must stand for the same code. */
export interface WgslProgram {
  readonly variableNames: readonly string[];
  /** Declared as in a struct: 'pads : vec2<i32>, size : i32'. */
  readonly uniforms: string;
  readonly workgroupSize: [number, number, number];
  /** Gives the code `uniforms.size`. */
  readonly size: true;
  readonly outputShape: number[];
  readonly dispatchLayout: { readonly x: number[] };
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;
  getUserCode(): string;
}

export function elementwise(
  shaderKey: string,
  outputShape: number[],
  variableNames: readonly string[],
  uniforms: string,
  code: string,
): WgslProgram {
  const threads = 64;
  return {
    variableNames,
    uniforms,
    workgroupSize: [threads, 1, 1],
    size: true,
    outputShape,
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(tf.util.sizeFromShape(outputShape) / threads), 1, 1],
    shaderKey: `rxaug-${shaderKey}`,
    getUserCode: () => code,
  };
}
