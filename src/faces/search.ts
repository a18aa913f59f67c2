/** `rxaug/search`: what a search of augmentation policies is made of: spaces, strategies, scorers, policies, reports. */
export type { CriticOptionsGiven as CriticOptions } from '../search/critic/options.js';
export { critic } from '../search/critic/strategy.js';
export { arrayDataset, type Images } from '../search/data/images.js';
export type { ProblemData } from '../search/data/splits.js';
export type { NetworkFigure } from '../search/network/figures.js';
export type { SavedNetwork } from '../search/network/saved-network.js';
export { type NetworkOptions, network } from '../search/network/strategy.js';
export { stagesOf } from '../search/policy/batch-stages.js';
export { type EqualOdds, equalOdds } from '../search/policy/equal-odds.js';
export { operatorOf, policyJson, policyText } from '../search/policy/operator.js';
export type {
  NetworkSetting,
  OpSetting,
  PolicySetting,
  StageSetting,
  SubPolicy,
} from '../search/policy/policy.js';
export { type PolicyStagesOptions, policyStages } from '../search/policy/policy-stages.js';
export { randomPolicy, uniformPolicy } from '../search/policy/random-policy.js';
export { strengthOf } from '../search/policy/strength.js';
export { withStrength } from '../search/policy/with-strength.js';
export type { SearchProblem, TrialRecipe } from '../search/problem.js';
export {
  type Applied,
  type AppliedOp,
  appliedOf,
  type Findings,
  findingsOf,
  htmlPage,
  type PictureOptions,
  type PolicyPicture,
  picturing,
  type ReportFiles,
  type SearchReportOptions,
  type SearchSummary,
  textReport,
  type Verdict,
  writeReport,
} from '../search/report/index.js';
export type {
  Arm,
  ArmRun,
  OpWorth,
  SearchResult,
  SearchRun,
  SplitDigest,
  TracePoint,
} from '../search/result.js';
export { type DensityScorerOptions, densityScorer } from '../search/scorers/density.js';
export { trainingScorer } from '../search/scorers/training.js';
export { type SearchOptions, search } from '../search/search.js';
export {
  type BatchStage,
  cutmixStage,
  ganMixStage,
  latentNoiseStage,
  mixupStage,
} from '../search/space/batch-stage.js';
export type { Magnitude, Matrix, PixelTwin, SearchOp, Twin, WarpTwin } from '../search/space/search-op.js';
export { type AnyFactory, type SearchOpOptions, searchOp } from '../search/space/search-op-of.js';
export {
  type SearchSpace,
  type SearchSpaceOptions,
  searchSpace,
  spaceFor,
} from '../search/space/search-space.js';
export { STANDARD_OPS } from '../search/space/standard.js';
export type { StandardControl } from '../search/standard-controls.js';
export type { ScoringOptions } from '../search/strategies/allotment.js';
export { type DensityOptions, density } from '../search/strategies/density.js';
export { type RandAugmentSearchOptions, randaugment } from '../search/strategies/randaugment.js';
export { random } from '../search/strategies/random.js';
export type {
  Account,
  Candidate,
  Cost,
  Scored,
  Scorer,
  SearchDefinition,
  Strategy,
  StrategyContext,
} from '../search/strategies/strategy.js';
export { type StrengthOptions, strength } from '../search/strategies/strength.js';
export { tpe } from '../search/strategies/tpe.js';
