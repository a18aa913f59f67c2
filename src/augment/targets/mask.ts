/** A mask takes the moves of its image's plan, and nothing else; its values are class numbers, never blended. */
import { type Plan, PlanBuilder } from '../plan/plan.js';

/** What is unknown: pixels that a move brought in from outside. The usual value to leave out of a loss. */
export const IGNORED = 255;

/** A plan of moves alone, with the nearest pixel, `fill` for what was not in the image. */
export function maskPlan({ moves }: Plan, width: number, height: number, fill = IGNORED): Plan {
  const plan = new PlanBuilder(width, height);
  for (const { to } of moves) {
    const colour = [fill, fill, fill] as const;
    if ('kind' in to) plan.warp({ ...to, interpolation: 'nearest', fill: colour });
    else {
      const { matrix, border, window } = to;
      plan.geometry(matrix, to.width, to.height, { border, window, fill: colour, interpolation: 'nearest' });
    }
  }
  return plan.finish();
}
