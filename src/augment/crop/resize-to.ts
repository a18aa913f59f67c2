import type { GeometryOptions, PlanBuilder } from '../plan/plan.js';

/** Resizes the whole image, sides rounded to pixels. */
export function resizeTo(
  width: number,
  height: number,
  how: Pick<GeometryOptions, 'interpolation' | 'antialias'>,
  plan: PlanBuilder,
): void {
  const [w, h] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  if (w === plan.width && h === plan.height) return;
  plan.geometry([plan.width / w, 0, 0, 0, plan.height / h, 0], w, h, how);
}
