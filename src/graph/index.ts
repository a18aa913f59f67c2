export { foldConstants } from './clean.js';
export { evaluate } from './evaluate.js';
export type * from './graph.js';
export { findGpu, type Gpu, type Runtime } from './infer/gpu.js';
export { type Feed, type OnnxModel, type OnnxOptions, onnxModel, type RunOptions } from './infer/model.js';
export { type CheckOptions, checkOnnx, type OnnxLimits } from './onnx/check.js';
export { arrayOf, type OnnxDtype, type Values as OnnxValues } from './onnx/dtypes.js';
export { type WriteOptions, writeOnnx } from './onnx/write.js';
export {
  type ClientOptions as PjrtClientOptions,
  type CompileFlags as PjrtCompileFlags,
  findPjrtPlugin,
  findPjrtPlugins,
  openPjrt,
  type Pjrt,
  type PjrtInfo,
  type PjrtOptions,
  type PjrtPlugin,
  type PjrtProgram,
  type PjrtSession,
  type Port as PjrtPort,
  type ProgramOptions as PjrtProgramOptions,
  type Tensors as PjrtTensors,
} from './pjrt/index.js';
export { printGraph } from './print.js';
export type { Precision } from './stablehlo/builder.js';
export { type StableHloOptions, writeStableHlo } from './stablehlo/write.js';
export { NoRuleError } from './tensorflow/no-rule.js';
export { openSession, TensorFlowSession } from './tensorflow/session.js';
export { writeSavedModel } from './tensorflow/write.js';
export { type TraceOptions, traceFunction } from './trace.js';
