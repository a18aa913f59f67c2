/** Moving averages of the weights. */

import { z } from 'zod';
import { tf } from '../../graph/tf.js';
import { mapTensors, type State, type Tensors } from '../state/tensors.js';
import { renamed } from './sgd.js';

export const emaOptions = z.strictObject({
  /** Largest d, in [0, 1). Default 0.9999. */
  decay: z.number().min(0).lt(1).default(0.9999),
  /** γ ≥ 0: larger forgets early weights for longer; 0 means d = decay from the first step. Default 1. */
  warmup: z.number().min(0).default(1),
});

/** Prefix of the averages among the slots. */
export const AVERAGES = 'ema/';
const param = (name: string) => `${AVERAGES}params/${name}`;
const stat = (name: string) => `${AVERAGES}stats/${name}`;

type Weights = Pick<State, 'params' | 'stats'>;

/** Slots that start as copies of the weights. */
export function startAverage({ params, stats }: Weights): Tensors {
  const copy = (tensor: tf.Tensor) => tensor.clone();
  return { ...renamed(params, param, copy), ...renamed(stats, stat, copy) };
}

/**
 * The slots after a step: the moving average of parameters and running statistics (Polyak and Juditsky, 1992), with the
 * warm-up that timm's ModelEmaV3 offers. θ̄ ← d·θ̄ + (1 − d)·θ with d = min(decay, 1 − (1 + t/γ)^(−⅔)) after step
 * t = 1, 2, …, which forgets early weights soon. The averages are slots under 'ema/' and replace the weights wherever the
 * model is measured or used. `time` counts steps, including this one. The averages of `frozen` parameters and statistics
 * stay the tensors that they are.
 */
export function moveAverage(
  slots: Tensors,
  { params, stats }: Weights,
  time: tf.Scalar,
  { decay, warmup }: z.output<typeof emaOptions>,
  frozen: { readonly params: ReadonlySet<string>; readonly stats: ReadonlySet<string> } = NONE,
): Tensors {
  const warm = warmup > 0 && tf.sub(1, tf.pow(tf.add(tf.div(time, warmup), 1), -2 / 3));
  const share = tf.sub(1, warm ? tf.minimum(warm, decay) : decay); // 1 − d
  const move =
    (to: (name: string) => string, held: ReadonlySet<string>) => (now: tf.Tensor, name: string) => {
      const old = slots[to(name)];
      return held.has(name) ? old : tf.add(old, tf.mul(tf.sub(now, old), share));
    };
  return {
    ...renamed(mapTensors(params, move(param, frozen.params)), param),
    ...renamed(mapTensors(stats, move(stat, frozen.stats)), stat),
  };
}

const NONE = { params: new Set<string>(), stats: new Set<string>() };

/** The weights that a model is used with: the averages if there are any. The tensors still belong to the state. */
export function weightsOf(state: Pick<State, 'params' | 'stats'> & Partial<Pick<State, 'slots'>>): Weights {
  const { params, stats, slots = {} } = state;
  const average = (to: (name: string) => string) => (own: tf.Tensor, name: string) => slots[to(name)] ?? own;
  return { params: mapTensors(params, average(param)), stats: mapTensors(stats, average(stat)) };
}
