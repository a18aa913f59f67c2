/**
 * Two ways to make weights small, which differ under momentum and Adam:
 *   decoupled weight decay   w ← (1 − lr·λ)·w − step      (SGDW, AdamW: Loshchilov and Hutter, 2019)
 *   L2                       g ← g + λ·w                  (the gradient of λ/2·‖w‖²; PyTorch SGD's weight_decay)
 * Under plain SGD they are equal. Under momentum m an L2 of λ pulls as much as a decay of λ/(1 − m) in the
 * long run: the usual `l2: 5e-4` with momentum 0.9 is about `weightDecay: 5e-3`.
 * Both act on kernels and spare biases and normalization.
 */
import { tf } from '../../graph/tf.js';
import type { ParamSpec } from '../layers/param-spec.js';
import { mapTensors, type Tensors } from '../state/tensors.js';

/** The parameters that penalties act on. */
export function decayed(specs: readonly ParamSpec[]): ReadonlySet<string> {
  return new Set(specs.filter(({ kind }) => kind === 'kernel').map(({ name }) => name));
}

/** Adds the gradient of the penalty λ/2·‖w‖² to that of the loss. */
export function addL2(
  gradients: Tensors,
  params: Tensors,
  lambda: number,
  which: ReadonlySet<string>,
): Tensors {
  if (lambda === 0) return gradients;
  return mapTensors(gradients, (gradient, name) =>
    which.has(name) ? tf.add(gradient, tf.mul(params[name], lambda)) : gradient,
  );
}

/** Factors of the learning rate by the name of the parameter; 1 for others. */
export type RateFactors = ReadonlyMap<string, number>;

interface Decay {
  readonly lambda: number;
  readonly learningRate: tf.Scalar;
  readonly which: ReadonlySet<string>;
  readonly factors?: RateFactors;
}

/** Parameters after a step, those in `which` decayed by lr·λ first. */
export function subtractSteps(
  params: Tensors,
  steps: Tensors,
  { lambda, learningRate, which, factors }: Decay,
): Tensors {
  const keep = lambda === 0 ? undefined : tf.sub(1, tf.mul(learningRate, lambda));
  const keepOf = (name: string) => {
    const factor = factors?.get(name) ?? 1;
    return factor === 1 ? keep : keep && tf.sub(1, tf.mul(learningRate, lambda * factor));
  };
  return mapTensors(params, (param, name) => {
    const kept = which.has(name) ? keepOf(name) : undefined;
    return tf.sub(kept ? tf.mul(param, kept) : param, steps[name]);
  });
}

/** Steps at the learning rates of their parameters, to which those of every optimizer are proportional. */
export function scaleSteps(steps: Tensors, factors: RateFactors | undefined): Tensors {
  if (!factors) return steps;
  return mapTensors(steps, (step, name) => {
    const factor = factors.get(name) ?? 1;
    return factor === 1 ? step : tf.mul(step, factor);
  });
}
