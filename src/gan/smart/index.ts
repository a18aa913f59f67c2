export { type SmartModel, smartAugmentation } from './smart.js';
export { fitSmart, loadSmart, type TrainSmartOptions, trainSmart } from './train.js';
export { SmartAugmenter } from './trained.js';
