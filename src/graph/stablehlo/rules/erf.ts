import type { Builder } from '../builder.js';
import type { Hlo } from '../types.js';

/** Beyond it erf is ±1 in float32. */
const FAR = 3.8325069;

/** Of x² from the highest power: erf x ≈ x · P(x²)/Q(x²), the approximation of Eigen and XLA, off by 3e-7 at most. */
const P = [
  -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5,
  -7.34990630326855e-4, -2.954600098545e-3, -1.60960333262415e-2,
];
const Q = [
  -1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3,
  -1.42647390514189e-2,
];

/** erf x: plain StableHLO has no operation for it. */
export function erf(h: Builder, x: Hlo): Hlo {
  const near = h.same('minimum', h.same('maximum', x, h.like(x, -FAR)), h.like(x, FAR));
  const square = h.same('multiply', near, near);
  const polynomial = ([first, ...rest]: readonly number[]) =>
    rest.reduce(
      (sum, coefficient) => h.same('add', h.same('multiply', sum, square), h.like(x, coefficient)),
      h.like(x, first),
    );
  return h.same('divide', h.same('multiply', near, polynomial(P)), polynomial(Q));
}
