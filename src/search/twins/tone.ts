/** Brightness, gamma and invert: one table for all images of a magnitude. */
import { brightness, gamma, invert } from '../../augment/index.js';
import { tableTwin } from './table-twin.js';

/** By a factor. */
export const brightnessTwin = tableTwin({
  lower: (plan, factor) => brightness.op.lower({ factor: Math.max(0, factor) }, plan),
  value: (v, factor) => factor * v,
  byMagnitude: (v) => v,
});

/** By γ = 2^m. */
export const gammaTwin = tableTwin({
  lower: (plan, m) => gamma.op.lower({ gamma: 2 ** m }, plan),
  value: (v, m) => 255 * (v / 255) ** (2 ** m),
  byMagnitude: (v, m) => (v === 0 ? 0 : 255 * (v / 255) ** (2 ** m) * Math.log(v / 255) * 2 ** m * Math.LN2),
});

export const invertTwin = tableTwin({
  lower: (plan) => invert.op.lower({}, plan),
  value: (v) => 255 - v,
  byMagnitude: () => 0,
});
