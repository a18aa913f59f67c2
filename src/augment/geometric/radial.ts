/** Warps along rays from the center: lenses. Radii are shares of half the diagonal. */

import type { PlanBuilder } from '../plan/plan.js';
import type { Sampling } from './displacement.js';

/** Entries of the table of factors, which is straight between them. */
const ENTRIES = 2048;

/**
 * `source(r)` is what the radius of an output pixel is multiplied by to find its source, for r in 0..1;
 * `target(r)` gives the output radius of a source radius.
 */
export function radial(
  source: (radius: number) => number,
  target: (radius: number) => number,
  sampling: Sampling,
  plan: PlanBuilder,
): void {
  const { width, height } = plan;
  const [cx, cy] = [width / 2, height / 2];
  const unit = Math.hypot(cx, cy);
  const scale = ENTRIES / (unit * unit);
  const table = Float64Array.from({ length: ENTRIES + 2 }, (_, i) => source(Math.sqrt(i / ENTRIES)));
  plan.warp({
    ...sampling,
    width,
    height,
    row(y, xs, ys) {
      const dy = y + 0.5 - cy;
      for (let x = 0; x < width; x++) {
        const dx = x + 0.5 - cx;
        const place = (dx * dx + dy * dy) * scale;
        const low = Math.floor(place);
        const first = table[low]!;
        const factor = first + (place - low) * (table[low + 1]! - first);
        xs[x] = cx + dx * factor;
        ys[x] = cy + dy * factor;
      }
    },
    fast(kernels, regions, shift) {
      const at = regions.at('radial table', 8 * table.length);
      regions.float64(at, table.length).set(table);
      return (y, us, vs) => kernels.radialRow(at, scale, cx, cy, y + 0.5, shift, width, us, vs);
    },
    forward(x, y) {
      const [dx, dy] = [x - cx, y - cy];
      const radius = Math.hypot(dx, dy) / unit;
      const factor = radius === 0 ? 1 : target(radius) / radius;
      return [cx + dx * factor, cy + dy * factor];
    },
  });
}
