export { type SmartModel, type SmartTrainOptions, smartAugmentation } from './kind.js';
export { SmartAugmenter } from './trained.js';
