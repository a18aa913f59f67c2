/**
 * How odds and probabilities learn: from what the choices of a batch gained. Each place of the policy (an op in a stage of a
 * sub-policy) keeps a running mean of what the images lost or gained to which it was applied, each stage one of the images
 * that it left alone; and the logits move along the natural gradient of the expected loss (Kakade, 2001), which for
 * choices out of a table is the difference of these means:
 *   probability of place i   −η · (Q_i − Q_none)
 *   odds of place i          −η · (V_i − Σ_j odds_j · V_j),   V_i = p_i · Q_i + (1 − p_i) · Q_none
 * The ordinary gradient is that times the odds: places that are chosen rarely would hardly learn.
 */

import type { StageChoices } from '../policy/choices.js';
import { oddsAt, type PolicyValues, sigmoid } from '../policy/parameters.js';
import type { SearchSpace } from '../space/search-space.js';

/** Running means of losses, 0 at the start. */
export interface Credit {
  /** [places] of images to which the op was applied. */
  readonly applied: Float32Array;
  /** [sub-policies · stages] of images that the stage left alone. */
  readonly none: Float32Array;
}

export interface CreditOptions {
  /** η. */
  readonly rate: number;
  /** Images over which a mean runs. */
  readonly memory: number;
}

/** A single image counts no more than this, either way: cross-entropies have long tails. */
const MOST = 3;
/** The largest step of a logit. */
const STEP = 0.05;
/** Logits of probabilities, and odds below those of the likeliest op: what is never chosen could never come back. */
const [EDGE, DEEPEST] = [2, 3];

/** The means after a batch with losses `gain` [B], compared with the same images left alone. */
export function credited(
  { subPolicies, stages, ops }: SearchSpace,
  old: Credit,
  choices: readonly StageChoices[],
  gain: ArrayLike<number>,
  { memory }: CreditOptions,
): Credit {
  const applied = {
    mean: old.applied.slice(),
    sum: new Float64Array(old.applied.length),
    count: new Float64Array(old.applied.length),
  };
  const size = subPolicies * stages;
  const none = { mean: old.none.slice(), sum: new Float64Array(size), count: new Float64Array(size) };
  for (const { place, applied: on } of choices) {
    for (let i = 0; i < place.length; i++) {
      const at = place[i] as number;
      const to = on[i] === 1 ? applied : none;
      const where = on[i] === 1 ? at : Math.floor(at / ops.length);
      to.sum[where] += Math.max(-MOST, Math.min(MOST, gain[i] as number));
      to.count[where] += 1;
    }
  }
  for (const { mean, sum, count } of [applied, none]) {
    for (let i = 0; i < mean.length; i++) {
      const n = count[i] as number;
      if (n > 0) mean[i] += ((sum[i] as number) / n - (mean[i] as number)) * (n / (n + memory));
    }
  }
  return { applied: applied.mean, none: none.mean };
}

/** Odds and probabilities after a step along the means. */
export function movedChoices(
  { subPolicies, stages, ops }: SearchSpace,
  values: PolicyValues,
  { applied, none }: Credit,
  { rate }: CreditOptions,
): { readonly odds: Float32Array; readonly probability: Float32Array } {
  const odds = Float32Array.from(values.odds);
  const probability = Float32Array.from(values.probability);
  const step = (by: number) => Math.max(-STEP, Math.min(STEP, rate * by));
  for (let stage = 0; stage < subPolicies * stages; stage++) {
    const first = stage * ops.length;
    const shares = oddsAt(values, first, ops.length);
    const alone = none[stage] as number;
    const value = shares.map((_, i) => {
      const p = sigmoid(values.probability[first + i] as number);
      return p * ((applied[first + i] as number) - alone);
    });
    const mean = value.reduce((sum, v, i) => sum + v * (shares[i] as number), 0);
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < ops.length; i++) {
      const at = first + i;
      odds[at] -= step((value[i] as number) - mean);
      most = Math.max(most, odds[at] as number);
      const moved = (probability[at] as number) - step((applied[at] as number) - alone);
      probability[at] = Math.max(-EDGE, Math.min(EDGE, moved));
    }
    for (let i = first; i < first + ops.length; i++) odds[i] = Math.max(most - DEEPEST, odds[i] as number);
  }
  return { odds, probability };
}
