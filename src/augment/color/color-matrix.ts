/** Lowers a 3×4 matrix of colors: one step, in place, on the kernels where they render. */
import { type ColorMatrix, colorMatrix, matrixValues } from '../../kernels/index.js';
import type { PlanBuilder } from '../plan/plan.js';

export function lowerMatrix(matrix: ColorMatrix, plan: PlanBuilder): void {
  const values = matrixValues(matrix);
  plan.row('colorMatrix', colorMatrix(matrix), (kernels) => (at, y0, y1, width) => {
    kernels.colorMatrix(at, width * (y1 - y0), ...values);
  });
}
