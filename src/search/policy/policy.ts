/** A policy as numbers: what strategies propose, and what becomes operators and JSON. */
import type { NetworkFigure } from '../network/figures.js';
import type { SavedNetwork } from '../network/saved-network.js';

/** One op in a stage. */
export interface OpSetting {
  /** Its name in the space. */
  readonly op: string;
  /** Odds of being the op of its stage. */
  readonly weight: number;
  /** Probability of applying once it is chosen. */
  readonly p: number;
  /** Magnitudes are uniform in [low, high]; absent for ops without magnitude. */
  readonly low?: number;
  readonly high?: number;
}

/** For each image one sub-policy is drawn by weight; it applies its stages in order, each with one op drawn by weight. */
export interface SubPolicy {
  readonly weight: number;
  readonly stages: readonly (readonly OpSetting[])[];
}

/** What a stage of the space does to batches. */
export interface StageSetting {
  /** Its name in the space. */
  readonly stage: string;
  /** Part of the images that it acts on, in [0, 1]. */
  readonly share: number;
  /** α of mixup and cutmix, σ of noise; absent for stages without. */
  readonly strength?: number;
}

/** An augmentation network: what is applied, and what it does, for the report. */
export interface NetworkSetting {
  readonly saved: SavedNetwork;
  readonly figures: readonly NetworkFigure[];
}

export interface PolicySetting {
  readonly subPolicies: readonly SubPolicy[];
  /** Behind the sub-policies, on batches, before their stages; absent: none. */
  readonly network?: NetworkSetting;
  /** Behind the sub-policies, on batches, in this order; absent: nothing. */
  readonly batchStages?: readonly StageSetting[];
}
