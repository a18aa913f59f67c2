/** What a search ends with: everything that its report is made from, as plain JSON. */
import type { PolicySetting } from './policy/policy.js';

/** How a search stood at one moment. */
export interface TracePoint {
  /** Share of the search that is done, in [0, 1]. */
  readonly progress: number;
  /** Mean number of ops that are applied to an image, weighted by how far their magnitudes are from neutral, in [0, 1] each. */
  readonly strength: number;
  /** Mean over stages of exp(entropy) of the odds of ops. */
  readonly effectiveOps: number;
  /** Other metrics of the strategy: the critic's distance, hardness, the teacher's cross-entropy; a score. */
  readonly values: Readonly<Record<string, number>>;
}

/** One independent search. */
export interface SearchRun {
  readonly seed: number;
  readonly policy: PolicySetting;
  readonly seconds: number;
  readonly trace: readonly TracePoint[];
  /**
   * Root mean square of how far the parameters moved from their start; of a network, how far what it does is from nothing.
   * Absent for strategies without parameters.
   */
  readonly moved?: number;
  /** Ops whose magnitude was not learned by gradient, for a strategy that does so for others. */
  readonly withoutGradient: readonly string[];
  /** Stages of batches that the strategy does not search: they are at share ½ and the middle of their bounds. */
  readonly atStart?: readonly string[];
  /** Candidates whose training diverged, which counted as the worst score; absent for none. */
  readonly diverged?: number;
}

/** One training of an arm. */
export interface ArmRun {
  /** Trainings of the same pair share subset, first weights and order of images. */
  readonly pair: number;
  /** Of the found arm: which search, from 0. */
  readonly search?: number;
  readonly accuracy: number;
  readonly loss: number;
  /** On training images without augmentation. */
  readonly trainAccuracy: number;
  readonly seconds: number;
  /** The search that found the same policy and whose training this is; absent where it is of its own. */
  readonly sharedWith?: number;
  /** Where training diverged: how. Its figures are NaN. */
  readonly diverged?: string;
}

/** Whether a training is one of its own, and not the same one counted for another search. */
export const isOwn = ({ sharedWith }: ArmRun): boolean => sharedWith === undefined;

export interface Arm {
  /** 'found', 'nothing', 'crop+flip', 'uniform', 'RandAugment', 'TrivialAugment', 'TrivialAugment wide', or the user's. */
  readonly name: string;
  readonly runs: readonly ArmRun[];
}

/**
 * What an op is worth: the score of the found policy minus its score without the op, both at equal strength, by the cheap
 * scorer: mean log-probability of the true class on validation images. Mean over the searches whose policy applies the op.
 */
export interface OpWorth {
  readonly op: string;
  readonly worth: number;
}

/** The images of a split, identified by the bytes of their pixels. */
export interface SplitDigest {
  readonly images: number;
  readonly sha256: string;
}

export interface SearchResult {
  readonly pipeline: string;
  readonly strategy: string;
  readonly seed: number;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Seconds of everything, over all its interruptions. */
  readonly seconds: number;
  /** `--budget`, in seconds. */
  readonly budget: number;
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<'train' | 'search' | 'heldOut' | 'test', SplitDigest>>;
  readonly searches: readonly SearchRun[];
  /** The found arm first. */
  readonly arms: readonly Arm[];
  readonly worth: readonly OpWorth[];
  /** Everything that was left out or cut short, one sentence each. */
  readonly notes: readonly string[];
}
