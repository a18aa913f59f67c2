/**
 * Superpixels by SLIC (Achanta et al., 2012): k-means in color and place, in which each pixel chooses among the
 * nine centers whose cells lie around its own. Colors are RGB with equal weights where the paper has Lab, and
 * pixels separated from their patch are not reassigned.
 *
 * Distances are of whole quarters of a level, small enough to be exact in single precision.
 */

/** The patch of each pixel, and the mean color of each patch. */
export interface Patches {
  /** [H, W] */
  readonly labels: Int32Array;
  /** [n, 3] */
  readonly colors: Float64Array;
}

export interface Cells {
  readonly columns: number;
  readonly rows: number;
}

/** Numbers of a center: red, green, blue, x, y. */
export const CENTER = 5;
const ROUNDS = 3;
/** Color difference, in levels, that counts as much as the distance of two centers. */
const COMPACTNESS = 80;
const QUARTERS = 4;

/** Labels the pixels of row y, from the centers in quarters and the weight of a step along x or y. */
export type AssignRow = (y: number, centers: Float32Array, step: number, labels: Int32Array) => void;

export function slic(
  data: Uint8Array,
  width: number,
  height: number,
  segments: number,
  assignWith: (cells: Cells) => AssignRow,
): Patches {
  const cells = cellsOf(width, height, segments);
  const { columns, rows } = cells;
  const n = columns * rows;
  const step = (QUARTERS * COMPACTNESS) / Math.sqrt((width * height) / n);
  const labels = new Int32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++)
      labels[i] = cellAt(y, rows, height) * columns + cellAt(x, columns, width);
  }
  const means = new Float64Array(CENTER * n);
  update(data, labels, width, means);
  const assign = assignWith(cells);
  const centers = new Float32Array(CENTER * n);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < centers.length; i++) {
      centers[i] = Math.round((means[i] as number) * (i % CENTER < 3 ? QUARTERS : step));
    }
    for (let y = 0; y < height; y++) assign(y, centers, step, labels.subarray(width * y, width * (y + 1)));
    update(data, labels, width, means);
  }
  const colors = Float64Array.from(
    { length: 3 * n },
    (_, i) => means[CENTER * Math.floor(i / 3) + (i % 3)] as number,
  );
  return { labels, colors };
}

/** A grid of about the requested number of roughly square cells. */
export function cellsOf(width: number, height: number, segments: number): Cells {
  const side = Math.sqrt((width * height) / segments);
  return {
    columns: Math.max(1, Math.min(width, Math.round(width / side))),
    rows: Math.max(1, Math.min(height, Math.round(height / side))),
  };
}

export const cellAt = (i: number, cells: number, size: number): number => Math.floor((i * cells) / size);

/** Places along a row in the units of distances. */
export const placesOf = (size: number, step: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => Math.round(i * step));

/** The plain twin of the kernel `nearestCenters`. */
export const assignPlainly =
  (data: Uint8Array, width: number, height: number) =>
  ({ columns, rows }: Cells): AssignRow => {
    let places: Float32Array = new Float32Array(0);
    let made = -1;
    return (y, centers, step, labels) => {
      if (made !== step) places = placesOf(width, step);
      made = step;
      const py = Math.round(y * step);
      const row = cellAt(y, rows, height);
      for (let x = 0, i = 3 * width * y; x < width; x++, i += 3) {
        const column = cellAt(x, columns, width);
        let best = Number.POSITIVE_INFINITY;
        for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
          const last = r * columns + Math.min(columns - 1, column + 1);
          for (let k = r * columns + Math.max(0, column - 1); k <= last; k++) {
            const o = CENTER * k;
            const dr = QUARTERS * (data[i] as number) - (centers[o] as number);
            const dg = QUARTERS * (data[i + 1] as number) - (centers[o + 1] as number);
            const db = QUARTERS * (data[i + 2] as number) - (centers[o + 2] as number);
            const dx = (places[x] as number) - (centers[o + 3] as number);
            const dy = py - (centers[o + 4] as number);
            const d = dr * dr + dg * dg + db * db + dx * dx + dy * dy;
            if (d < best) {
              best = d;
              labels[x] = k;
            }
          }
        }
      }
    };
  };

/** Updates the mean color and position of each patch; a patch without pixels keeps its own. */
function update(data: Uint8Array, labels: Int32Array, width: number, means: Float64Array): void {
  const n = means.length / CENTER;
  const sums = new Float64Array(CENTER * n);
  const counts = new Int32Array(n);
  for (let i = 0, y = 0; i < labels.length; y++) {
    for (let x = 0; x < width; x++, i++) {
      const k = labels[i] as number;
      const o = CENTER * k;
      counts[k]!++;
      sums[o]! += data[3 * i] as number;
      sums[o + 1]! += data[3 * i + 1] as number;
      sums[o + 2]! += data[3 * i + 2] as number;
      sums[o + 3]! += x;
      sums[o + 4]! += y;
    }
  }
  for (let i = 0; i < sums.length; i++) {
    const count = counts[Math.floor(i / CENTER)] as number;
    if (count > 0) means[i] = (sums[i] as number) / count;
  }
}
