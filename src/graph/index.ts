export { foldConstants } from './clean.js';
export { evaluate } from './evaluate.js';
export type * from './graph.js';
export { findGpu, type Gpu } from './infer/gpu.js';
export { type Feed, type OnnxModel, type OnnxOptions, onnxModel, type RunOptions } from './infer/model.js';
export { type CheckOptions, checkOnnx, type OnnxLimits } from './onnx/check.js';
export { type WriteOptions, writeOnnx } from './onnx/write.js';
export { printGraph } from './print.js';
export { type TraceOptions, traceFunction } from './trace.js';
