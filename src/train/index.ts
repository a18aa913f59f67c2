export { choiceOf, fromKey, fromProgress } from '../graph/host.js';
export type { Backend, BackendKind, BackendName, BackendRequest } from './backends/backend.js';
export { backendKinds, loadBackend } from './backends/load.js';
export { isNative, type NativeAttribute, nativeOp } from './backends/native-op.js';
export * from './classification/classifier.js';
export type { ClassifierTrainOptions } from './classification/kind.js';
export type { MonteCarloOptions, MonteCarloPrediction } from './classification/monte-carlo.js';
export { exportOnnx, onnxOf } from './classification/onnx.js';
export {
  type ClassificationOptions,
  type ClassifierOptions,
  type ClassifierTask,
  classification,
  classifier,
} from './classification/task.js';
export type { ModelKind, Restored, Run, Trainable } from './kind.js';
export * from './layers/index.js';
export type { EarlyStoppingOptions } from './loop/early-stopping.js';
export { type Finished, type RunOptions, trainTask } from './loop/train-task.js';
export { accuracy, crossEntropy } from './losses/cross-entropy.js';
export { type LabelSmoothing, smoothLabels } from './losses/label-smoothing.js';
export * from './models/index.js';
export * from './optimizers/index.js';
export {
  cosineDecay,
  type LearningRate,
  learningRateAt,
  oneCycle,
  stepDecay,
} from './optimizers/learning-rate.js';
export * from './penalties/index.js';
export type { Checkpoint, Progress } from './state/checkpoint.js';
export { loadCheckpoint, saveCheckpoint } from './state/checkpoint.js';
export type { State, Tensors } from './state/tensors.js';
export * from './task.js';
export { type AnyModel, fit, type OptionsOf, type TrainedOf, type TrainOptions, train } from './train.js';
