/** A policy as numbers: what strategies propose, and what becomes operators and JSON. */

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

export interface PolicySetting {
  readonly subPolicies: readonly SubPolicy[];
}
