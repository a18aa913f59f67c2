export { DIFF_AUGMENTS, type DiffAugment } from './diff-augment.js';
export { type GanModel, gan } from './gan.js';
export { fitGan, loadGan, type TrainGanOptions, trainGan } from './train.js';
export { Generator } from './trained.js';
