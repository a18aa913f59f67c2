/** The public face of rxaug: import from here and nothing deeper. */
export * from './augment/index.js';
export type * from './core/events.js';
export * from './core/index.js';
export * from './datasets/index.js';
export * from './gan/index.js';
export {
  type CheckOptions,
  checkOnnx,
  type Feed,
  type Graph,
  type OnnxDtype,
  type OnnxLimits,
  type OnnxModel,
  type OnnxOptions,
  onnxModel,
  printGraph,
  type RunOptions as OnnxRunOptions,
  type TraceOptions,
  traceFunction,
  type WriteOptions,
  writeOnnx,
} from './graph/index.js';
export * from './io/index.js';
export * from './pipeline/define-pipeline.js';
export { type Preview, type PreviewOptions, preview } from './pipeline/preview.js';
export * from './report/index.js';
export * from './stream/index.js';
export * from './train/index.js';
