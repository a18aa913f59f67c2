/** The policy within the state of a search: its parameters, what its choices are credited with, and its average. */
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../../train/state/tensors.js';
import type { StageChoices } from '../policy/choices.js';
import {
  CENTER,
  initialPolicy,
  ODDS,
  POLICY_PARAMS,
  type PolicyValues,
  PROBABILITY,
  readPolicy,
  slotsOf,
  WIDTH,
} from '../policy/parameters.js';
import type { SearchSpace } from '../space/search-space.js';
import { type Credit, type CreditOptions, credited, type Feedback, movedPolicy } from './credit.js';

/** Prefix of the policy averaged over its last fifty steps: what a search ends with, for single steps are noisy. */
const AVERAGE = 'policy-average/';
const SHARE = 0.02;
/** Prefix of what choices are credited with. */
const CREDIT = 'credit/';
const CREDITS = ['applied', 'none', 'center', 'width'] as const;

export function startPolicy(space: SearchSpace): { readonly params: Tensors; readonly slots: Tensors } {
  const size = (name: string) => (name === 'none' ? space.subPolicies * space.stages : slotsOf(space));
  return {
    params: initialPolicy(space),
    slots: {
      ...Object.fromEntries(
        Object.entries(initialPolicy(space)).map(([name, tensor]) => [AVERAGE + name, tensor]),
      ),
      ...Object.fromEntries(CREDITS.map((name) => [CREDIT + name, tf.zeros([size(name)])])),
    },
  };
}

/** The parameters that images depend on by a gradient: those of the ranges. */
export const rangesOf = (params: Tensors): Tensors => ({
  [CENTER]: params[CENTER] as tf.Tensor,
  [WIDTH]: params[WIDTH] as tf.Tensor,
});

/** The policy averaged over the last steps. */
export const averagePolicy = (slots: Tensors) => readPolicy(slots, AVERAGE);

export interface Lesson {
  readonly space: SearchSpace;
  readonly choices: readonly StageChoices[];
  /** The policy that they were drawn from. */
  readonly values: PolicyValues;
  /** [B] */
  readonly gain: tf.Tensor;
  /** Gradients of the mean loss by the ranges. */
  readonly gradients: Tensors;
  readonly options: CreditOptions;
  /** Whether the policy moves yet. */
  readonly moves: boolean;
}

/** Parameters and slots after a lesson. Call it inside `tf.tidy`: it reads the device. */
export function learnPolicy(
  state: { readonly params: Tensors; readonly slots: Tensors },
  { space, choices, values, gain, gradients, options, moves }: Lesson,
): { readonly params: Tensors; readonly slots: Tensors } {
  const read = (tensor: tf.Tensor | undefined) => (tensor as tf.Tensor).dataSync() as Float32Array;
  const old = Object.fromEntries(
    CREDITS.map((name) => [name, read(state.slots[CREDIT + name])]),
  ) as unknown as Credit;
  const feedback: Feedback = {
    gain: read(gain),
    center: read(gradients[CENTER]),
    width: read(gradients[WIDTH]),
  };
  const credit = credited(space, old, choices, feedback, options);
  const moved = movedPolicy(space, values, credit, options);
  const params: Tensors = moves
    ? {
        [ODDS]: tf.tensor1d(moved.odds),
        [PROBABILITY]: tf.tensor1d(moved.probability),
        [CENTER]: tf.tensor1d(moved.center),
        [WIDTH]: tf.tensor1d(moved.width),
      }
    : Object.fromEntries(POLICY_PARAMS.map((name) => [name, state.params[name] as tf.Tensor]));
  const averaged = (name: string) => {
    const before = state.slots[AVERAGE + name] as tf.Tensor;
    return tf.add(before, tf.mul(tf.sub(params[name] as tf.Tensor, before), SHARE));
  };
  return {
    params,
    slots: {
      ...Object.fromEntries(POLICY_PARAMS.map((name) => [AVERAGE + name, averaged(name)])),
      ...Object.fromEntries(CREDITS.map((name) => [CREDIT + name, tf.tensor1d(credit[name])])),
    },
  };
}
