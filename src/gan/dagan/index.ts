export { type DaganModel, dagan } from './dagan.js';
export { fitDagan, loadDagan, type TrainDaganOptions, trainDagan } from './train.js';
export { ImageAugmenter } from './trained.js';
