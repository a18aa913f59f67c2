/**
 * A policy that can be learned: for each op of each stage of each sub-policy four numbers, all of them free. Odds are
 * softmax(odds), the probability is sigmoid(p), and magnitudes are uniform in low + (high − low)·(c + h·[−1, 1]) with
 * c = sigmoid(center) and h = sigmoid(width)·min(c, 1 − c): a range that always lies within its bounds and can always move,
 * for no sigmoid has an edge. All start at 0: odds are uniform, p is ½, and a range is the middle half of its bounds.
 */
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';
import type { SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import type { OpSetting, PolicySetting } from './policy.js';

/** Numbers of one kind, [subPolicies · stages · ops]. */
export const ODDS = 'policy/odds';
export const PROBABILITY = 'policy/probability';
export const CENTER = 'policy/center';
export const WIDTH = 'policy/width';
export const POLICY_PARAMS = [ODDS, PROBABILITY, CENTER, WIDTH] as const;

export const slotsOf = ({ subPolicies, stages, ops }: SearchSpace): number =>
  subPolicies * stages * ops.length;

/** The start of every search. */
export function initialPolicy(space: SearchSpace): Tensors {
  return Object.fromEntries(POLICY_PARAMS.map((name) => [name, tf.zeros([slotsOf(space)])]));
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Numbers of the parameters as they are now. Call it between steps: it reads the device. */
export interface PolicyValues {
  readonly odds: ArrayLike<number>;
  readonly probability: ArrayLike<number>;
  readonly center: ArrayLike<number>;
  readonly width: ArrayLike<number>;
}

/** `prefix`: of the names under which the tensors are kept. */
export function readPolicy(tensors: Tensors, prefix = ''): PolicyValues {
  const of = (name: string) => (tensors[prefix + name] as tf.Tensor).dataSync();
  return { odds: of(ODDS), probability: of(PROBABILITY), center: of(CENTER), width: of(WIDTH) };
}

/** Probabilities of the ops of a stage, from the first of its places. */
export function oddsAt(values: PolicyValues, first: number, count: number): number[] {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) most = Math.max(most, values.odds[first + i] as number);
  const powers = Array.from({ length: count }, (_, i) => Math.exp((values.odds[first + i] as number) - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function rangeOf({ magnitude }: SearchOp, center: number, width: number) {
  if (!magnitude) return undefined;
  const { low, high } = magnitude;
  const c = sigmoid(center);
  const half = sigmoid(width) * Math.min(c, 1 - c);
  return { low: low + (high - low) * (c - half), high: low + (high - low) * (c + half) };
}

/** The range of magnitudes from which every search starts. */
export const startOf = (op: SearchOp) => rangeOf(op, 0, 0);

/** The policy that the parameters stand for. Ops whose probability is below `least` are never applied. */
export function settingOf(space: SearchSpace, values: PolicyValues, least = 0): PolicySetting {
  const { ops, subPolicies, stages } = space;
  const chance = (logit: number) => (sigmoid(logit) < least ? 0 : sigmoid(logit));
  const stageAt = (first: number): OpSetting[] =>
    oddsAt(values, first, ops.length).map((weight, i) => ({
      op: (ops[i] as SearchOp).name,
      weight,
      p: chance(values.probability[first + i] as number),
      ...rangeOf(ops[i] as SearchOp, values.center[first + i] as number, values.width[first + i] as number),
    }));
  return {
    subPolicies: Array.from({ length: subPolicies }, (_, s) => ({
      weight: 1 / subPolicies,
      stages: Array.from({ length: stages }, (_, k) => stageAt((s * stages + k) * ops.length)),
    })),
  };
}

/** Root mean square of how far the parameters have moved from their start. */
export function movedBy(values: PolicyValues): number {
  const all = [values.odds, values.probability, values.center, values.width];
  let [squares, count] = [0, 0];
  for (const numbers of all) {
    for (let i = 0; i < numbers.length; i++) squares += (numbers[i] as number) ** 2;
    count += numbers.length;
  }
  return Math.sqrt(squares / count);
}
