/**
 * A penalty on parameters: what it adds to their gradients, or what it does to them after the step. It takes
 * kernels and spares biases and normalization, everywhere or where `on` says: a pattern on the names of
 * parameters, such as 'stage1/block2/conv1/kernel', and of the layers around them, such as 'stage1' or 'head'.
 * One star stands for anything within a name and two for anything at all. Gradients are added after clipping,
 * and their sum is reported as `penalty`, beside the loss and not in it, like what `l2` does in PyTorch.
 */

import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { ParamSpec } from '../layers/param-spec.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

/** Plain JSON from which `penaltyFrom` makes the penalty again. */
export interface PenaltyConfig {
  readonly penalty: string;
  readonly on?: string;
  readonly [option: string]: unknown;
}

export interface Penalty {
  readonly config: PenaltyConfig;
  /** What is added to the loss, for one parameter. */
  value?(w: tf.Tensor): tf.Scalar;
  /** Its derivative. */
  gradient?(w: tf.Tensor): tf.Tensor;
  /** The parameter as it should be after a step. */
  project?(w: tf.Tensor, learningRate: tf.Scalar): tf.Tensor;
}

/** Where a penalty acts: everywhere, or on what a pattern names. */
export const onSchema = z.string().min(1).optional();
export const lambdaSchema = z.number().min(0);

/** All axes but the last are inputs: [inputs, units]. */
export function asMatrix(w: tf.Tensor): tf.Tensor2D {
  return w.reshape([-1, w.shape[w.rank - 1] as number]);
}

/** Whether a pattern names a path, or a layer that it is inside of. */
export function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${glob(pattern)}(?:/|$)`).test(path);
}

/** Whether a pattern names the path itself. */
export function matchesExactly(pattern: string, path: string): boolean {
  return new RegExp(`^${glob(pattern)}$`).test(path);
}

function glob(pattern: string): string {
  return pattern
    .split(/(\*\*\/?|\*)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
}

/** Each penalty with the names of the parameters that it takes. */
export type Assigned = readonly { readonly penalty: Penalty; readonly names: ReadonlySet<string> }[];

export function assign(penalties: readonly Penalty[], specs: readonly ParamSpec[]): Assigned {
  const kernels = specs.filter(({ kind }) => kind === 'kernel').map(({ name }) => name);
  return penalties.map((penalty) => {
    const { on = '**', penalty: kind } = penalty.config;
    const names = new Set(kernels.filter((name) => matches(on, name)));
    if (names.size > 0) return { penalty, names };
    throw new UsageError(
      `${kind}: on: the pattern '${on}' matches no kernel of the model; its kernels are ${kernels.slice(0, 6).join(', ')}${kernels.length > 6 ? ', …' : ''}`,
    );
  });
}

/** Gradients with those of the penalties. */
export function addPenalties(gradients: Tensors, params: Tensors, assigned: Assigned): Tensors {
  if (assigned.length === 0) return gradients;
  return mapTensors(gradients, (gradient, name) =>
    assigned.reduce(
      (sum, { penalty, names }) =>
        penalty.gradient && names.has(name) ? tf.add(sum, penalty.gradient(params[name])) : sum,
      gradient,
    ),
  );
}

/** What they come to; undefined when none of them has a value. */
export function penaltySum(params: Tensors, assigned: Assigned): tf.Scalar | undefined {
  const values = assigned.flatMap(({ penalty, names }) =>
    penalty.value ? [...names].map((name) => penalty.value?.(params[name]) as tf.Scalar) : [],
  );
  return values.length === 0 ? undefined : tf.addN(values);
}

/** Parameters after the step, put where the penalties allow them. */
export function projected(params: Tensors, learningRate: tf.Scalar, assigned: Assigned): Tensors {
  const acting = assigned.filter(({ penalty }) => penalty.project);
  if (acting.length === 0) return params;
  return mapTensors(params, (param, name) =>
    acting.reduce(
      (w, { penalty, names }) => (names.has(name) ? (penalty.project?.(w, learningRate) ?? w) : w),
      param,
    ),
  );
}
