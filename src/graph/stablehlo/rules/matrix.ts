/** Products of matrices. */
import type { Builder } from '../builder.js';
import { dot } from '../products.js';
import type { Hlo } from '../types.js';
import { finished } from './activation.js';
import type { Call, Rules } from './rule.js';

/** Axes before the last two are batches, which broadcast. */
function product(h: Builder, { list: [a, b], attributes, output }: Call): Hlo {
  const batch = output.shape.slice(0, -2);
  const rank = output.shape.length;
  const spread = (x: Hlo) => h.spread(x, [...batch, ...x.shape.slice(-2)]);
  const axes = batch.map((_, axis) => axis);
  return dot(h, spread(a), spread(b), {
    batch: [axes, axes],
    contract: [[attributes.transposeA ? rank - 2 : rank - 1], [attributes.transposeB ? rank - 1 : rank - 2]],
  });
}

export const matrices: Rules = {
  BatchMatMul: product,
  _FusedMatMul: (h, call) => finished(h, product(h, call), call),
};
