/** Lowers a 3×4 matrix of colours: one step, in place, on the kernels where they render. */
import { type ColourMatrix, colourMatrix, matrixValues } from '../../kernels/index.js';
import type { PlanBuilder } from '../plan/plan.js';

export function lowerMatrix(matrix: ColourMatrix, plan: PlanBuilder): void {
  const values = matrixValues(matrix);
  plan.row('colourMatrix', colourMatrix(matrix), (kernels) => (at, y0, y1, width) => {
    kernels.colourMatrix(at, width * (y1 - y0), ...values);
  });
}
