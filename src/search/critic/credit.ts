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
  /** [places] slopes of an image's loss by the center and by the width of the range. */
  readonly center: Float32Array;
  readonly width: Float32Array;
}

/** What a batch says. */
export interface Feedback {
  /** [B] loss of an image less that of the same image left alone. */
  readonly gain: ArrayLike<number>;
  /** [places] gradients of the mean loss of the batch. */
  readonly center: ArrayLike<number>;
  readonly width: ArrayLike<number>;
}

export interface CreditOptions {
  /** η. */
  readonly rate: number;
  /** Images over which a mean runs. */
  readonly memory: number;
  /** Share of the search that is over, in [0, 1]; default 0. Edges give way with it. */
  readonly progress?: number;
}

/** A single image counts no more than this, either way: cross-entropies have long tails. */
const MOST = 3;
/** The largest step of a logit. */
const STEP = 0.05;
/**
 * Logits of probabilities, and of odds below those of the likeliest op, at the start and at the end: what is never chosen
 * could never come back, and at the end nothing needs to.
 */
const [EDGE, DEEPEST] = [
  [2, 4],
  [3, 6],
] as const;
/** Of centers and widths: sigmoid(4) is 0.98. */
const FARTHEST = 4;

/** The means after a batch. */
export function credited(
  { subPolicies, stages, ops }: SearchSpace,
  old: Credit,
  choices: readonly StageChoices[],
  { gain, center, width }: Feedback,
  { memory }: CreditOptions,
): Credit {
  const sums = (size: number) => ({ sum: new Float64Array(size), count: new Float64Array(size) });
  const [applied, none] = [sums(old.applied.length), sums(subPolicies * stages)];
  for (const { place, applied: on } of choices) {
    for (let i = 0; i < place.length; i++) {
      const at = place[i] as number;
      const to = on[i] === 1 ? applied : none;
      const where = on[i] === 1 ? at : Math.floor(at / ops.length);
      to.sum[where] += Math.max(-MOST, Math.min(MOST, gain[i] as number));
      to.count[where] += 1;
    }
  }
  const running = (old: Float32Array, mean: (i: number) => number, count: Float64Array) =>
    old.map((value, i) => {
      const n = count[i] as number;
      return n > 0 ? value + (mean(i) - value) * (n / (n + memory)) : value;
    });
  const batch = gain.length;
  // The gradient of a mean over the batch, as the mean over the images that the place was applied to.
  const own = (of: ArrayLike<number>) => (i: number) => {
    const slope = ((of[i] as number) * batch) / (applied.count[i] as number);
    return Math.max(-MOST, Math.min(MOST, slope));
  };
  const mean =
    ({ sum, count }: typeof none) =>
    (i: number) =>
      (sum[i] as number) / (count[i] as number);
  return {
    applied: running(old.applied, mean(applied), applied.count),
    none: running(old.none, mean(none), none.count),
    center: running(old.center, own(center), applied.count),
    width: running(old.width, own(width), applied.count),
  };
}

/** The policy after a step along the means. */
export function movedPolicy(
  { subPolicies, stages, ops }: SearchSpace,
  values: PolicyValues,
  { applied, none, center, width }: Credit,
  { rate, progress = 0 }: CreditOptions,
): Record<keyof PolicyValues, Float32Array> {
  const odds = Float32Array.from(values.odds);
  const probability = Float32Array.from(values.probability);
  const now = ([from, to]: readonly [number, number]) => from + progress * (to - from);
  const [edge, deepest] = [now(EDGE), now(DEEPEST)];
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
      probability[at] = Math.max(-edge, Math.min(edge, moved));
    }
    for (let i = first; i < first + ops.length; i++) odds[i] = Math.max(most - deepest, odds[i] as number);
  }
  const along = (from: ArrayLike<number>, slopes: Float32Array) =>
    Float32Array.from(from, (value, i) =>
      Math.max(-FARTHEST, Math.min(FARTHEST, value - step(slopes[i] as number))),
    );
  return { odds, probability, center: along(values.center, center), width: along(values.width, width) };
}
