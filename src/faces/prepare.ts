/** `rxaug/prepare`: data sets prepared for training. */
export { type BalanceOptions, balanceCopies } from '../prepare/balance.js';
export type { BalanceRule, PrepareDefinition } from '../prepare/definition.js';
export {
  aspectFilter,
  exposureFilter,
  type Filter,
  type Quantity,
  type Refusal,
  sharpnessFilter,
  sizeFilter,
} from '../prepare/filters.js';
export { type GeneratedCopiesOptions, generatedCopies } from '../prepare/generate/generated-copies.js';
export { type PerturbedCopiesOptions, perturbedCopies } from '../prepare/generate/perturbed-copies.js';
export type { GeneratedCopies } from '../prepare/generate/rules.js';
export { openSource } from '../prepare/open-source.js';
export {
  type ClassifierFilterOptions,
  classifierFilter,
  type ScoreFilterOptions,
  scoreFilter,
} from '../prepare/score/filters.js';
export { type SplitOptions, splitGroups } from '../prepare/split/split.js';
