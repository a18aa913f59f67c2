/** Penalties on parameters, the patterns that say where they act, and their place in a training step. */

import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { ParamSpec } from '../layers/param-spec.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

/** Plain JSON from which `penaltyFrom` makes the penalty again. */
export interface PenaltyConfig {
  readonly penalty: string;
  readonly params?: string;
  readonly [option: string]: unknown;
}

/**
 * A penalty on parameters: what it adds to their gradients, or does to them after the step. It acts on kernels and spares
 * biases and normalization. Gradients are added after clipping; the sum of the penalties is reported as `penalty`,
 * next to the loss, not in it, like the effect of `l2` in PyTorch.
 */
export interface Penalty {
  readonly config: PenaltyConfig;
  /** The term of the loss for one parameter. */
  value?(w: tf.Tensor): tf.Scalar;
  /** The derivative of that term. */
  gradient?(w: tf.Tensor): tf.Tensor;
  /** The parameter after a step, projected. */
  project?(w: tf.Tensor, learningRate: tf.Scalar): tf.Tensor;
}

/** The option that every penalty has. */
export const targeted = {
  /**
   * Pattern of the parameters that it acts on, 'stage1/block2/conv1/kernel', or of the layers around them, 'stage1' or
   * 'head'. `*` stands for anything within a name, `**` for anything at all. Default: all kernels.
   */
  params: z.string().min(1).optional(),
};
export const lambdaSchema = z.number().min(0);

/** All axes but the last are inputs: [inputs, units]. */
export function asMatrix(w: tf.Tensor): tf.Tensor2D {
  return w.reshape([-1, w.shape[w.rank - 1] as number]);
}

/** Whether a pattern names a path, or a layer around it. */
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

/** Each penalty with the names of the parameters that it acts on. */
export type Assigned = readonly { readonly penalty: Penalty; readonly names: ReadonlySet<string> }[];

/**
 * Finds the kernels that each penalty acts on.
 *
 * @throws UsageError if a pattern matches no kernel.
 */
export function assign(penalties: readonly Penalty[], specs: readonly ParamSpec[]): Assigned {
  const kernels = specs.filter(({ kind }) => kind === 'kernel').map(({ name }) => name);
  return penalties.map((penalty) => {
    const { params: pattern = '**', penalty: kind } = penalty.config;
    const names = new Set(kernels.filter((name) => matches(pattern, name)));
    if (names.size > 0) return { penalty, names };
    throw new UsageError(
      `${kind}: params: the pattern '${pattern}' matches no kernel of the model; its kernels are ${kernels.slice(0, 6).join(', ')}${kernels.length > 6 ? ', …' : ''}`,
    );
  });
}

/** Adds the gradients of the penalties. */
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

/** Sum of the penalties; undefined if none of them has a value. */
export function penaltySum(params: Tensors, assigned: Assigned): tf.Scalar | undefined {
  const values = assigned.flatMap(({ penalty, names }) =>
    penalty.value ? [...names].map((name) => penalty.value?.(params[name]) as tf.Scalar) : [],
  );
  return values.length === 0 ? undefined : tf.addN(values);
}

/** Parameters after the step, projected by the penalties; `factors` are those of the learning rate by name. */
export function projected(
  params: Tensors,
  learningRate: tf.Scalar,
  assigned: Assigned,
  factors?: ReadonlyMap<string, number>,
): Tensors {
  const acting = assigned.filter(({ penalty }) => penalty.project);
  if (acting.length === 0) return params;
  return mapTensors(params, (param, name) => {
    const factor = factors?.get(name) ?? 1;
    const rate = () => (factor === 1 ? learningRate : (tf.mul(learningRate, factor) as tf.Scalar));
    return acting.reduce(
      (w, { penalty, names }) => (names.has(name) ? (penalty.project?.(w, rate()) ?? w) : w),
      param,
    );
  });
}
