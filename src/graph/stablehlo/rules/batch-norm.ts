/** TensorFlow's fused batch normalization over all axes but the last, and its gradient; see train/ops/batch-norm.ts. */
import type { Builder } from '../builder.js';
import type { Hlo } from '../types.js';
import { numberAt, type Rules } from './rule.js';

/** All axes but the last. */
const batchAxes = ({ shape }: Hlo): number[] => shape.slice(0, -1).map((_, axis) => axis);

const count = ({ shape }: Hlo): number => shape.slice(0, -1).reduce((product, side) => product * side, 1);

const sum = (h: Builder, x: Hlo): Hlo => h.reduce(x, 'add', 0, batchAxes(x));

function mean(h: Builder, x: Hlo): Hlo {
  const total = sum(h, x);
  return h.same('divide', total, h.like(total, count(x)));
}

const minus = (h: Builder, x: Hlo, y: Hlo): Hlo => h.same('subtract', x, h.spread(y, x.shape));
const times = (h: Builder, x: Hlo, y: Hlo): Hlo => h.same('multiply', x, h.spread(y, x.shape));
const inverse = (h: Builder, variance: Hlo, epsilon: number): Hlo =>
  h.same('rsqrt', h.same('add', variance, h.like(variance, epsilon)));

export const batchNorms: Rules = {
  // The results that follow the three are for the gradient alone: mean and biased variance of the batch, and a reserve.
  FusedBatchNormV3: (h, call) => {
    const { x, scale, shift, mean: runningMean, variance: runningVariance } = call.inputs;
    const [momentum, epsilon] = [numberAt(call, 'momentum'), numberAt(call, 'epsilon')];
    const n = count(x);
    const mu = mean(h, x);
    const centered = minus(h, x, mu);
    const variance = mean(h, h.same('multiply', centered, centered));
    const factor = h.same('multiply', scale, inverse(h, variance, epsilon));
    const scaled = times(h, centered, factor);
    const y = h.same('add', scaled, h.spread(shift, x.shape));
    const towards = (old: Hlo, now: Hlo) =>
      h.same('add', old, h.scaled(h.same('subtract', now, old), momentum));
    const unbiased = h.scaled(variance, n / Math.max(1, n - 1));
    const reserves = call.outputs.slice(5).map((type) => h.splat(0, type));
    return [y, towards(runningMean, mu), towards(runningVariance, unbiased), mu, variance, ...reserves];
  },

  // dx = scale/√(σ²+ε) · (dy − mean dy − x̂ · mean(dy·x̂)), with x̂ = (x − μ)/√(σ²+ε)
  FusedBatchNormGradV3: (h, call) => {
    const { dy, x, scale, mean: mu, variance } = call.inputs;
    const deviation = inverse(h, variance, numberAt(call, 'epsilon'));
    const centered = minus(h, x, mu);
    const normal = times(h, centered, deviation);
    const shiftGradient = sum(h, dy);
    const scaleGradient = sum(h, h.same('multiply', dy, normal));
    const share = 1 / count(x);
    const along = times(h, normal, h.scaled(scaleGradient, share));
    const inner = h.same('subtract', minus(h, dy, h.scaled(shiftGradient, share)), along);
    const dx = times(h, inner, h.same('multiply', scale, deviation));
    const rest = call.outputs.slice(3).map((type) => h.splat(0, type));
    return [dx, scaleGradient, shiftGradient, ...rest];
  },
};
