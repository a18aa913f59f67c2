/** The nearest centers on the kernels: the twin of `assignPlainly` in ../slic.ts. */
import { type AssignRow, CENTER, type Cells, cellAt, placesOf } from '../slic.js';
import type { Located, Regions } from './memory.js';
import type { Kernels } from './module.js';

/** Maximum number of centers for `reserveSlic`. */
export const MOST_CENTERS = 2048;

export function reserveSlic(regions: Regions, side: number): void {
  regions.at('centers', 4 * CENTER * MOST_CENTERS);
  regions.at('places', 4 * side + 16);
  regions.at('labels', 4 * side + 16);
}

export const assignOn =
  (kernels: Kernels, regions: Regions, { at, width, height }: Located) =>
  ({ columns, rows }: Cells): AssignRow => {
    const centersAt = regions.at('centers', 4 * CENTER * MOST_CENTERS);
    const placesAt = regions.at('places', 4 * width + 16);
    const labelsAt = regions.at('labels', 4 * width + 16);
    const found = regions.int32(labelsAt, width);
    const starts = Int32Array.from({ length: columns + 1 }, (_, c) => Math.ceil((c * width) / columns));
    return (y, centers, step, labels) => {
      if (y === 0) {
        regions.float32(centersAt, centers.length).set(centers);
        regions.float32(placesAt, width).set(placesOf(width, step));
      }
      const row = cellAt(y, rows, height);
      const [r0, r1] = [Math.max(0, row - 1), Math.min(rows - 1, row + 1)];
      for (let c = 0; c < columns; c++) {
        const [from, to] = [starts[c] as number, starts[c + 1] as number];
        const [c0, c1] = [Math.max(0, c - 1), Math.min(columns - 1, c + 1)];
        const pixels = at + 3 * (width * y + from);
        const [places, out] = [placesAt + 4 * from, labelsAt + 4 * from];
        const py = Math.round(y * step);
        kernels.nearestCenters(pixels, to - from, places, py, centersAt, columns, r0, r1, c0, c1, out);
      }
      labels.set(found);
    };
  };
