/** `rxaug/onnx`: models and functions written as ONNX, checked, and run. */

export { exportFunction, functionOnnx } from '../gan/index.js';
export {
  type CheckOptions,
  checkOnnx,
  type Feed,
  findGpu,
  foldConstants,
  type Gpu,
  type Graph,
  type OnnxDtype,
  type OnnxLimits,
  type OnnxModel,
  type OnnxOptions,
  type OnnxValues,
  onnxModel,
  printGraph,
  type RunOptions,
  type TraceOptions,
  traceFunction,
  type WriteOptions,
  writeOnnx,
} from '../graph/index.js';
export { exportOnnx, onnxOf } from '../train/index.js';
