export { type DaganModel, type DaganTrainOptions, dagan } from './kind.js';
export { ImageAugmenter } from './trained.js';
