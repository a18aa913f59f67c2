export { foldConstants } from './clean.js';
export { evaluate } from './evaluate.js';
export type * from './graph.js';
export { type WriteOptions, writeOnnx } from './onnx/write.js';
export { printGraph } from './print.js';
export { type TraceOptions, traceFunction } from './trace.js';
