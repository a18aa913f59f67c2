/** Warps along rays from the centre: lenses. Radii are shares of half the diagonal. */
import type { Look } from './displacement.js';
import type { PlanBuilder } from './plan/plan.js';

/**
 * `source(r²)` is what the radius of an output pixel is multiplied by to find its source; `target(r)` gives the
 * output radius of a source radius.
 */
export function radial(
  source: (squared: number) => number,
  target: (radius: number) => number,
  look: Look,
  plan: PlanBuilder,
): void {
  const { width, height } = plan;
  const [cx, cy] = [width / 2, height / 2];
  const unit = Math.hypot(cx, cy);
  plan.warp({
    ...look,
    width,
    height,
    row(y, xs, ys) {
      const dy = y + 0.5 - cy;
      for (let x = 0; x < width; x++) {
        const dx = x + 0.5 - cx;
        const factor = source((dx * dx + dy * dy) / (unit * unit));
        xs[x] = cx + dx * factor;
        ys[x] = cy + dy * factor;
      }
    },
    forward(x, y) {
      const [dx, dy] = [x - cx, y - cy];
      const radius = Math.hypot(dx, dy) / unit;
      const factor = radius === 0 ? 1 : target(radius) / radius;
      return [cx + dx * factor, cy + dy * factor];
    },
  });
}
