export * from './adversarial/index.js';
export * from './autoencoder/index.js';
export * from './dagan/index.js';
export type { ModelFunction, ModelFunctions } from './functions.js';
export * from './judge/index.js';
export { exportFunction, functionOnnx } from './onnx.js';
export * from './operators/index.js';
export * from './smart/index.js';
export type { Pictured, Watch } from './watch.js';
