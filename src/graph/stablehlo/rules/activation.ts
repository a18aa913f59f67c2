/** Activations and their gradients. */
import { show } from '../../../core/index.js';
import type { Builder } from '../builder.js';
import type { Hlo } from '../types.js';
import { type Call, numberAt, type Rules, refuse } from './rule.js';

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

export const relu = (h: Builder, x: Hlo): Hlo => h.same('maximum', x, h.like(x, 0));

const positive = (h: Builder, x: Hlo): Hlo => h.compare('GT', x, h.like(x, 0));

const elu = (h: Builder, x: Hlo): Hlo => h.select(positive(h, x), x, h.same('exponential_minus_one', x));

const sloped = (h: Builder, x: Hlo, slope: Hlo): Hlo => {
  const below = h.compare('LT', x, h.like(x, 0));
  return h.select(below, h.same('multiply', x, h.spread(slope, x.shape)), x);
};

export const activations: Rules = {
  Relu: (h, { list: [x] }) => relu(h, x),
  Relu6: (h, { list: [x] }) => h.same('minimum', relu(h, x), h.like(x, 6)),
  ReluGrad: (h, { inputs: { dy, y } }) => h.select(positive(h, y), dy, h.like(dy, 0)),
  LeakyRelu: (h, call) => sloped(h, call.list[0], h.scalar(numberAt(call, 'alpha'))),
  Prelu: (h, { inputs: { x, alpha } }) => sloped(h, x, alpha),
  Elu: (h, { list: [x] }) => elu(h, x),
  EluGrad: (h, { inputs: { dy, y } }) => {
    const below = h.same('multiply', dy, h.same('add', y, h.like(y, 1)));
    return h.select(h.compare('GE', y, h.like(y, 0)), dy, below);
  },
  Selu: (h, { list: [x] }) => {
    const below = h.scaled(h.same('exponential_minus_one', x), SELU_SCALE * SELU_ALPHA);
    return h.select(h.compare('GE', x, h.like(x, 0)), h.scaled(x, SELU_SCALE), below);
  },
  // max(x, 0) + ln(1 + e^−|x|), which overflows nowhere.
  Softplus: (h, { list: [x] }) => {
    const tail = h.same('log_plus_one', h.same('exponential', h.same('negate', h.same('abs', x))));
    return h.same('add', relu(h, x), tail);
  },
};

/** Adds the bias and applies the activation that tfjs fuses into convolutions and products. */
export function finished(h: Builder, x: Hlo, call: Call): Hlo {
  const { bias, preluActivationWeights: slope } = call.inputs;
  const y = bias ? h.same('add', x, h.spread(bias, x.shape)) : x;
  const { activation } = call.attributes;
  switch (activation) {
    case undefined:
    case null:
    case 'linear':
      return y;
    case 'relu':
      return relu(h, y);
    case 'relu6':
      return h.same('minimum', relu(h, y), h.like(y, 6));
    case 'elu':
      return elu(h, y);
    case 'sigmoid':
      return h.same('logistic', y);
    case 'leakyrelu':
      return sloped(h, y, h.scalar(numberAt(call, 'leakyreluAlpha')));
    case 'prelu':
      if (!slope) throw refuse(call, 'prelu without its slopes');
      return sloped(h, y, slope);
    default:
      throw refuse(call, `the activation ${show(activation)}`);
  }
}
