export { DIFF_AUGMENTS, type DiffAugment } from './diff-augment.js';
export { type GanModel, type GanTrainOptions, gan } from './kind.js';
export { Generator } from './trained.js';
