export * from './autoencoder/index.js';
export type { ModelFunction, ModelFunctions } from './functions.js';
export type { Pictured, Watch } from './watch.js';
